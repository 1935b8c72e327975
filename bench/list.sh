# shellcheck shell=bash
# list.sh: bench/models, for the scripts that source it. They have set `work`, a folder for the data that are unpacked. MODELS selects models
# by name; PDB is a copy of posteriordb, without which its models are left out.
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
shared=$(realpath -m "$bench/../../shared")
[ -d "$shared/models" ] || { echo "bench: the models are in ../shared, which is not there" >&2; exit 66; }

# A line "NAME PROGRAM DATA" for each model, the latter two as files.
list_models() {
  local model data database posterior name
  while read -r model data; do
    case $model in '' | '#'*) continue ;; esac
    [ -z "${MODELS:-}" ] || [[ " $MODELS " == *" ${model#pdb:} "* ]] || continue
    if [[ $model != pdb:* ]]; then
      echo "$model $shared/models/$model.stan $shared/data/$data.json"
    elif [ -n "${PDB:-}" ]; then
      database=$PDB/posterior_database
      posterior=$database/posteriors/${model#pdb:}.json
      name=$(sed -n 's/.*"data_name": "\(.*\)".*/\1/p' "$posterior")
      [ -e "$work/$name.json" ] || unzip -p "$database/data/data/$name.json.zip" >"$work/$name.json"
      echo "${model#pdb:} $database/models/stan/$(sed -n 's/.*"model_name": "\(.*\)".*/\1/p' "$posterior").stan $work/$name.json"
    fi
  done <"$bench/models"
}

# Says which models that were asked for list_models has left out.
say_left_out() {
  local model left=
  while read -r model _; do
    [[ $model != pdb:* ]] || [ -n "${PDB:-}" ] || { [ -n "${MODELS:-}" ] && [[ " $MODELS " != *" ${model#pdb:} "* ]]; } || left="$left ${model#pdb:}"
  done <"$bench/models"
  [ -z "$left" ] || echo "left out, since PDB= names no copy of posteriordb:$left"
}
