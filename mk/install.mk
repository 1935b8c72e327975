# install.mk: `make install PREFIX=/usr/local [DESTDIR=...]`. The layout is the one that cli/paths.h looks for.
TARGET = $(DESTDIR)$(PREFIX)

.PHONY: install uninstall
install: all
	install -d "$(TARGET)/bin" "$(TARGET)/lib/stanlite" "$(TARGET)/include/stanlite/runtime" \
	  "$(TARGET)/share/stanlite/library" "$(TARGET)/share/man/man1"
	install -m 755 $(STANLITE) "$(TARGET)/bin/stanlite"
	install -m 644 $(ARCHIVE) $(LINK_FLAGS) "$(TARGET)/lib/stanlite/"
	cp -R $(BUILD)/include/runtime/. "$(TARGET)/include/stanlite/runtime/"
	cp -R $(BUILD)/share/stanlite/library/. "$(TARGET)/share/stanlite/library/"
	install -m 644 man/stanlite.1 "$(TARGET)/share/man/man1/stanlite.1"

uninstall:
	rm -rf "$(TARGET)/lib/stanlite" "$(TARGET)/include/stanlite" "$(TARGET)/share/stanlite"
	rm -f "$(TARGET)/bin/stanlite" "$(TARGET)/share/man/man1/stanlite.1"
