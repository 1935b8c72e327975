# posteriordb.mk: `make posteriordb-build PDB=FOLDER` builds every program of a copy of posteriordb, takes draws, and compares with
# Stan's numbers (POINTS=FILE, default ../shared/reference/posteriordb_points.json); see bench/posteriordb.
.PHONY: posteriordb-build
posteriordb-build: all
	@test -n "$(PDB)" || { echo 'make posteriordb-build wants PDB=FOLDER, a copy of github.com/stan-dev/posteriordb' >&2; exit 64; }
	@bench/posteriordb $(BUILD) $(PDB) $(if $(POINTS),--points=$(POINTS)) --page=docs/posteriordb.md
