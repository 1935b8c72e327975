# install.mk: `make install PREFIX=/usr/local [DESTDIR=...]`. The layout is the one that cli/paths.h looks for.
.PHONY: install uninstall
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/stanlite $(DESTDIR)$(PREFIX)/include/stanlite/runtime \
	  $(DESTDIR)$(PREFIX)/share/stanlite/library $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(STANLITE) $(DESTDIR)$(PREFIX)/bin/stanlite
	install -m 644 $(ARCHIVE) $(LINK_FLAGS) $(DESTDIR)$(PREFIX)/lib/stanlite/
	cp -R $(BUILD)/include/runtime/. $(DESTDIR)$(PREFIX)/include/stanlite/runtime/
	cp -R $(BUILD)/share/stanlite/library/. $(DESTDIR)$(PREFIX)/share/stanlite/library/
	install -m 644 man/stanlite.1 $(DESTDIR)$(PREFIX)/share/man/man1/stanlite.1

uninstall:
	rm -rf $(DESTDIR)$(PREFIX)/lib/stanlite $(DESTDIR)$(PREFIX)/include/stanlite $(DESTDIR)$(PREFIX)/share/stanlite
	rm -f $(DESTDIR)$(PREFIX)/bin/stanlite $(DESTDIR)$(PREFIX)/share/man/man1/stanlite.1
