#!/bin/bash
# `stanlite data`: a table in, Stan JSON out, all of it or nothing.
# shellcheck disable=SC2016 # backquotes in messages
. "$(dirname "$0")/../expect.sh"
cd "$work" || exit 70

code() { told "$1" "$2" "$STANLITE" data "${@:3}"; }

printf 'dose,died,log conc,county\n0.5,1,1e-7,"Lake, the"\n2,0,-3,Aitkin\n1.25,1,Inf,"Lake, the"\n' >table.csv
cat >expected <<'JSON'
{
  "N": 3,
  "dose": [0.5, 2.0, 1.25],
  "died": [1, 0, 1],
  "log_conc": [1e-07, -3.0, "Inf"],
  "county": [2, 1, 2],
  "county_levels": 2
}
JSON
code 0 'county is text, coded 1 to county_levels = 2: 1 = Aitkin, 2 = Lake, the' table.csv
diff -u expected out || wrong "standard output is not the expected data"
code 0 'column `log conc` is named log_conc' table.csv -o data.json
diff -u expected data.json || wrong "data.json is not the expected data"
[ "$(stat -c %a data.json)" = "$(touch plain && stat -c %a plain)" ] || wrong "data.json has unusual permissions"

printf 'a,b\n1,2\n3,NA\n' >missing.csv
code 65 'missing.csv:3: row 2 of column `b` is missing (`NA`)' missing.csv -o data.json
diff -u expected data.json || wrong "an error has changed the output"
code 66 'no_such.csv: cannot be opened' no_such.csv
code 73 'no_folder/data.json cannot be written' table.csv -o no_folder/data.json
code 64 'which table?'
code 64 'which file?' table.csv -o
code 64 'no option --tidy' --tidy table.csv

# Tables as they are published: semicolons, row names, identifiers that are no 1 ... J, and values that are missing.
cat >scores.csv <<'CSV'
"";"school";"gender";"written";"course";"id"
"1";"20920";"M";23;NA;"96;434"
"2";"68137";"F";NA;71.2;"96;434"
"3";"9411";"F";39;76.8;"98;1"
"4";"68137";"M";36;44.4;"97;2"
CSV
cat >expected <<'JSON'
{
  "N": 3,
  "school": [2, 1, 2],
  "J": 2,
  "score": [71.2, 76.8, 44.4],
  "id": [1, 3, 2],
  "id_levels": 3,
  "gender": [1, 1, 2],
  "gender_levels": 2,
  "female": [1, 1, 0],
  "K": 7,
  "scale": 2.5
}
JSON
code 0 'school is coded 1 to J = 2: 1 = 9411, 2 = 68137' scores.csv --columns=school,course,id --columns=gender --drop-missing \
  --index=school:J --rename=course:score --indicator=gender:F:female --constant=K:7 --constant=scale:2.5
diff -u expected out || wrong "the changed table is not the expected data"
code 0 'left out: 1; N = 3 remain' scores.csv --columns=course --drop-missing
code 0 'column `course` is named for_' scores.csv --columns=course --drop-missing --rename=course:for
code 65 'leave such rows out (--drop-missing)' scores.csv
code 65 'there is no column `schol`, but ``, `school`, `gender`' scores.csv --index=schol:J
code 65 'there is no column `age`, but' scores.csv --columns=school,age
code 65 'column `gender` is nowhere `f`' scores.csv --columns=gender --indicator=gender:f:female
code 64 'the option reads --index=COLUMN:COUNT' scores.csv --index=school
code 64 'the option reads --columns=' scores.csv --columns
code 64 'the option reads --constant=NAME:NUMBER' scores.csv --constant=K:seven
code 64 '--constant: another variable has this name, or none can: N' scores.csv --columns=id --constant=N:7
code 64 '--constant: another variable has this name, or none can: K' scores.csv --columns=id --constant=K:7 --constant=K:8
printf 'a,b\n1,NA\nNA,2\n' >nothing.csv
code 65 'each row has a missing value' nothing.csv --drop-missing
rm scores.csv nothing.csv
if [ -w /dev/full ]; then
  "$STANLITE" data table.csv >/dev/full 2>errors
  [ $? -eq 73 ] || wrong "a full disk is not exit code 73"
fi
[ "$(ls)" = "$(printf '%s\n' data.json errors expected missing.csv out plain table.csv)" ] || wrong "files are left behind: $(ls)"
exit $failed
