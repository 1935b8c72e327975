# Metropolis-Hastings finds the exact answer, too.
stanlite summary --variables=p --json mh_[1-4].csv >mh.json
"$BUILD/tests/compare_summary" --exact=bernoulli "$REFERENCE" mh.json
