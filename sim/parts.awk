# SPDX-License-Identifier: Apache-2.0
#
# From the C++ of a model, as Verilator 5.006 writes it, the two halves of a cycle
# for the shim (see there):
#
#   parts_ico(vlSelf, changed)
#                         what depends on inputs, as if `look` were high, and without
#                         the clocks of the rooms: the shim knows the edges. But for
#                         `wake`, nothing of it is new unless an input has changed.
#   parts_ico_rdata       read data is one of these inputs
#   parts_nba(vlSelf, t)  everything behind an edge; bit k of t is trigger k. The
#                         model's own asks an array of flags, several hundred
#                         instructions a cycle.
#
# Of another version's C++ nothing comes out.
function end_of_statement()
{
	looks = gsub(/\(IData\)\(vlSelf->look\)/, "1U", statement)
	if (statement !~ /clk_room/) {
		if (declared_all)
			blocks += statement ~ /\{$|\{\n$/
		rdata += statement ~ /m_axi_r(data|id|resp|last)/
		plain = plain statement
		guard(declared_all && !looks && statement !~ /espalier__DOT__need[^_]|u_wake__DOT__set|->wake[^_]/)
		body = body statement
	}
	if (statement ~ /\/\/ Body/)
		declared_all = 1
	statement = ""
}

# What follows runs only when an input has changed, or in every cycle.
function guard(on)
{
	if (on != guarded)
		body = body (on ? "    if (changed) {\n" : "    }\n")
	guarded = on
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
	body = "static inline void parts_ico(Vespalier___024root *vlSelf, bool changed)\n{\n"
	plain = body "    (void)changed;\n"
	next
}
part == "ico" && !/^\}/ {
	statement = statement $0 "\n"
	if (/[;{}]$/ || /^ *\/\//)
		end_of_statement()
}
part != "" && /^\}/ {
	if (part == "ico") {
		guard(0)
		# Statements with statements inside are left as they are.
		body = (blocks ? plain : body) "}\n" \
		       "static const bool parts_ico_rdata = " (rdata ? "true" : "false") ";\n"
	}
	print body
	part = ""
}

# __VnbaTriggered.at(0xaU) -> (t & 1U << 0xaU)
function with_bits(line)
{
	gsub(/vlSelf->__VnbaTriggered\.at\(/, "(t \\& 1U << ", line)
	return line
}
