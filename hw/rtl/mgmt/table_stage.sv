// SPDX-License-Identifier: Apache-2.0
//
// table_stage: staging register of one owner of tables, beside it: WORDS words of
// 64 bits that table_port shifts in and out, so that what runs through the device
// is a word and not an entry.
//
// With `shift` all words move down, `word` comes in on top, and `answer`, which is
// zero except with the owner's answer to OP_READ, is put over the register, which
// is zero then. A cycle each. `clear` and `rst` come from afar and are taken up
// in a register here: the words are zero a cycle behind them.
module table_stage #(
    parameter int WORDS = 16
) (
    input  logic                clk,
    input  logic                rst,
    input  logic                clear,
    input  logic                shift,
    input  logic [63:0]         word,
    input  logic [64*WORDS-1:0] answer,
    output logic [64*WORDS-1:0] stage
);
  logic zero;
  always_ff @(posedge clk) begin
    zero <= rst || clear;
    if (shift) stage <= {word, stage[64*WORDS-1:64]} | answer;
    if (zero) stage <= '0;
  end
endmodule
