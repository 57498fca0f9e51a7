// SPDX-License-Identifier: Apache-2.0
//
// Adders and comparators of up to 8 bits in LUTs: nextpnr spends four logic cells
// on the way into a carry chain and out of it.
(* techmap_celltype = "$alu" *)
module short_alu (A, B, CI, BI, X, Y, CO);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  (* force_downto *)
  input [A_WIDTH-1:0] A;
  (* force_downto *)
  input [B_WIDTH-1:0] B;
  input CI, BI;
  (* force_downto *)
  output [Y_WIDTH-1:0] X, Y, CO;

  wire _TECHMAP_FAIL_ = Y_WIDTH > 8;

  (* force_downto *)
  wire [Y_WIDTH-1:0] a, b, bb;
  (* force_downto *)
  wire [Y_WIDTH:0] c;
  \$pos #(.A_SIGNED(A_SIGNED), .A_WIDTH(A_WIDTH), .Y_WIDTH(Y_WIDTH)) a_conv (.A(A), .Y(a));
  \$pos #(.A_SIGNED(B_SIGNED), .A_WIDTH(B_WIDTH), .Y_WIDTH(Y_WIDTH)) b_conv (.A(B), .Y(b));
  assign bb = BI ? ~b : b;
  assign c[0] = CI;
  genvar i;
  generate
    for (i = 0; i < Y_WIDTH; i = i + 1) begin : bits
      assign c[i+1] = (a[i] && bb[i]) || (c[i] && (a[i] || bb[i]));
    end
  endgenerate
  assign X = a ^ bb;
  assign Y = X ^ c[Y_WIDTH-1:0];
  assign CO = c[Y_WIDTH:1];
endmodule
