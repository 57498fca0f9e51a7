# SPDX-License-Identifier: Apache-2.0
#
# From the C++ of a model, as Verilator 5.006 writes it, the two halves of a cycle
# for the shim (see there):
#
#   parts_ico(vlSelf)     what depends on inputs, as if `look` were high, and without
#                         the clocks of the rooms: the shim knows the edges
#   parts_nba(vlSelf, t)  everything behind an edge; bit k of t is trigger k. The
#                         model's own asks an array of flags, several hundred
#                         instructions a cycle.
#
# Of another version's C++ nothing comes out.
function end_of_statement()
{
	gsub(/\(IData\)\(vlSelf->look\)/, "1U", statement)
	if (statement !~ /clk_room/)
		body = body statement
	statement = ""
}

/^(VL_INLINE_OPT )?void Vespalier___024root___eval_nba\(Vespalier___024root\* vlSelf\) \{$/ { part = "nba" }
/^(VL_INLINE_OPT )?void Vespalier___024root___ico_sequent__TOP__0\(Vespalier___024root\* vlSelf\) \{$/ { part = "ico" }
/^(VL_INLINE_OPT )?void Vespalier___024root___ico_[a-z]*__TOP__[1-9]/ && /\{$/ { print "#error more than one part depends on inputs" }

part == "nba" && /^void|^VL_INLINE_OPT/ {
	body = "static inline void parts_nba(Vespalier___024root *vlSelf, uint32_t t)\n{\n"
	next
}
part == "nba" {
	if (match($0, /Vespalier___024root___nba_[a-z]*__TOP__[0-9]*\(vlSelf\);/)) {
		name = substr($0, RSTART, RLENGTH - 9)
		if (!(name in declared))
			print "void " name "(Vespalier___024root *vlSelf);"
		declared[name] = 1
	}
	$0 = with_bits($0)
	body = body $0 "\n"
}
part == "ico" && /^void|^VL_INLINE_OPT/ {
	body = "static inline void parts_ico(Vespalier___024root *vlSelf)\n{\n"
	next
}
part == "ico" && !/^\}/ {
	statement = statement $0 "\n"
	if (/[;{}]$/ || /^ *\/\//)
		end_of_statement()
}
part != "" && /^\}/ {
	if (part == "ico")
		body = body "}\n"
	print body
	part = ""
}

# __VnbaTriggered.at(0xaU) -> (t & 1U << 0xaU)
function with_bits(line)
{
	gsub(/vlSelf->__VnbaTriggered\.at\(/, "(t \\& 1U << ", line)
	return line
}
