# SPDX-License-Identifier: Apache-2.0
# Two tables of names and offsets from espalier_regs.h: registers that stand
# once, and registers of a queue pair. Arrays (the staging registers) and what
# is only written are left out.
/^#define ESPALIER_REG_Q_[A-Z0-9_]+\(q\) / {
	name = $2
	sub(/ESPALIER_REG_Q_/, "", name)
	sub(/\(q\)/, "", name)
	off = $3
	sub(/^\(/, "", off)
	q = q "\t{ \"" name "\", " off " },\n"
	next
}
/^#define ESPALIER_REG_[A-Z0-9_]+ 0x/ {
	name = $2
	sub(/ESPALIER_REG_/, "", name)
	if (name != "EVENT_POP")
		r = r "\t{ \"" name "\", " $3 " },\n"
}
END {
	print "static const struct {\n\tconst char *name;\n\tunsigned int off;\n} reg_names[] = {\n" r "}, q_reg_names[] = {\n" q "};"
}
