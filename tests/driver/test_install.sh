#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs into a folder of its own and uses what it finds there as a stranger
# would: by pkg-config, shared and static, with the man pages at hand.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0
dest=$tmp/dest
root=$dest/opt/espalier

check() { # NAME COMMAND...
	name=$1
	shift
	if "$@" >"$tmp/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $name"
		cat "$tmp/log"
	fi
}

pc() {
	PKG_CONFIG_SYSROOT_DIR=$dest PKG_CONFIG_PATH=$root/lib/pkgconfig pkg-config "$@"
}

cat >"$tmp/prog.c" <<'EOF'
#include <espalier/bus_null.h>
#include <espalier/bus_uio.h>
#include <espalier/ctl.h>
#include <espalier/espalier.h>
#include <stdio.h>
int main(void)
{
	struct espalier_null *null;
	struct espalier_dev *dev;
	struct espalier_err err;

	if (espalier_null_create(NULL, &null))
		return 1;
	if (espalier_open("no blob", 8, NULL, espalier_null_bus(null), &dev,
			  &err) == 0)
		return 2;
	espalier_null_destroy(null);
	puts(err.text);
	puts(espalier_version());
	return 0;
}
EOF

install_it() { make -C "$top" -s install-driver PREFIX=/opt/espalier DESTDIR="$dest"; }

shared() {
	# shellcheck disable=SC2046
	gcc -std=c11 -Wall -Werror -o "$tmp/shared" "$tmp/prog.c" $(pc --cflags --libs espalier) &&
		LD_LIBRARY_PATH=$root/lib "$tmp/shared" | grep -q 'device tree: header' &&
		readelf -d "$tmp/shared" | grep -q 'NEEDED.*libespalier.so.0'
}

static() {
	# shellcheck disable=SC2046
	gcc -std=c11 -o "$tmp/static" "$tmp/prog.c" $(pc --cflags espalier) \
		"$root/lib/libespalier.a" -lfdt -ljansson &&
		"$tmp/static" | grep -q 'device tree: header' &&
		pc --static --libs espalier | grep -q -- '-lfdt'
}

cplusplus() {
	cp "$tmp/prog.c" "$tmp/prog.cc"
	# shellcheck disable=SC2046
	g++ -Wall -Werror -fsyntax-only "$tmp/prog.cc" $(pc --cflags espalier)
}

# each header can stand first
alone() {
	for h in "$root"/include/espalier/*.h; do
		echo "#include <espalier/$(basename "$h")>" >"$tmp/h.c"
		# shellcheck disable=SC2046
		gcc -std=gnu11 -Wall -Werror -fsyntax-only "$tmp/h.c" $(pc --cflags espalier) || return 1
	done
}

exports() { nm -D --defined-only "$root/lib/libespalier.so" | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' | sort; }
declared() {
	sed 's|/\*.*\*/||' "$root"/include/espalier/*.h | grep -v '^ \*\|^/\*\|^#' |
		grep -o '\bespalier_[a-z0-9_]*(' | tr -d '(' | sort -u
}
only_public() { exports >"$tmp/e" && declared >"$tmp/d" && [ "$(wc -l <"$tmp/e")" -gt 50 ] && diff "$tmp/d" "$tmp/e"; }
all_exported_are_T() { ! nm -D --defined-only "$root/lib/libespalier.so" | awk '$2 != "T" && $2 != "A"' | grep .; }
soname() { readelf -d "$root/lib/libespalier.so" | grep -q 'SONAME.*\[libespalier.so.0\]' && [ -L "$root/lib/libespalier.so.0" ]; }
no_outside() { [ "$(cd "$dest" && find . -type f | grep -vc '^./opt/espalier/')" = 0 ]; }
pages() {
	for n in $(cat "$tmp/e"); do
		[ -f "$root/share/man/man3/$n.3" ] || { echo "no page for $n"; return 1; }
	done
	[ -f "$root/share/man/man1/espctl.1" ]
}
page_reads() {
	command -v mandoc >/dev/null || return 0
	(cd "$root/share/man" && mandoc -T utf8 man3/espalier_sa_del.3 | grep -q 'in flight')
}
tool() { "$root/bin/espctl" --version | grep -q '^espctl [0-9]'; }
version() { [ "$(pc --modversion espalier)" = "$("$root/bin/espctl" --version | cut -d' ' -f2)" ]; }

check install install_it
check shared shared
check static static
check c++ cplusplus
check headers_alone alone
check only_public only_public
check exported_kinds all_exported_are_T
check soname soname
check nothing_outside no_outside
check pages pages
check page_reads page_reads
check tool tool
check version version
echo "test_install: $passed passed, $failed failed"
[ "$failed" = 0 ]
