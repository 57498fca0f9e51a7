// SPDX-License-Identifier: Apache-2.0
//
// table_stages: the staging registers of all owners of tables, each with the reset
// of its owner, in the order of espalier_pkg::STAGE_*. `low` is the lowest word of each
// but the keys', which nobody reads.
module table_stages (
    input  logic          clk,
    input  logic [   3:0] rst,
    input  logic          clear,
    input  logic [   3:0] shift,
    input  logic [  63:0] word,
    output logic [ 191:0] low,
    output logic [1023:0] wdata_out,
    output logic [1023:0] wdata_in,
    output logic [1023:0] wdata_spd,
    input  logic [1023:0] rdata_out,
    input  logic [1023:0] rdata_in,
    input  logic [1023:0] rdata_spd,
    output logic          key_aes256,
    output logic [  31:0] key_salt,
    output logic [ 255:0] key_data
);
  localparam int OUT = espalier_pkg::STAGE_OUT, IN = espalier_pkg::STAGE_IN;
  localparam int SPD = espalier_pkg::STAGE_SPD, KEY = espalier_pkg::STAGE_KEY;
  localparam int OUT_W = 64 * espalier_pkg::STAGE_WORDS_OUT;
  localparam int IN_W = 64 * espalier_pkg::STAGE_WORDS_IN;
  localparam int SPD_W = 64 * espalier_pkg::STAGE_WORDS_SPD;
  localparam int KEY_W = 64 * espalier_pkg::STAGE_WORDS_KEY;

  logic [KEY_W-1:0] key, no_answer;
  logic [OUT_W-1:0] out_entry;
  logic [IN_W-1:0]  in_entry;
  logic [SPD_W-1:0] spd_entry;

  table_stage #(
      .WORDS(espalier_pkg::STAGE_WORDS_OUT)
  ) u_out (
      .clk(clk), .rst(rst[OUT]), .clear(clear), .shift(shift[OUT]), .word(word),
      .answer(rdata_out[OUT_W-1:0]), .stage(out_entry));
  table_stage #(
      .WORDS(espalier_pkg::STAGE_WORDS_IN)
  ) u_in (
      .clk(clk), .rst(rst[IN]), .clear(clear), .shift(shift[IN]), .word(word),
      .answer(rdata_in[IN_W-1:0]), .stage(in_entry));
  table_stage #(
      .WORDS(espalier_pkg::STAGE_WORDS_SPD)
  ) u_spd (
      .clk(clk), .rst(rst[SPD]), .clear(clear), .shift(shift[SPD]), .word(word),
      .answer(rdata_spd[SPD_W-1:0]), .stage(spd_entry));
  table_stage #(
      .WORDS(espalier_pkg::STAGE_WORDS_KEY)
  ) u_key (
      .clk(clk), .rst(rst[KEY]), .clear(clear), .shift(shift[KEY]), .word(word),
      .answer(no_answer), .stage(key));

  assign no_answer  = '0;
  assign wdata_out  = 1024'(out_entry);
  assign wdata_in   = 1024'(in_entry);
  assign wdata_spd  = 1024'(spd_entry);
  assign low        = {spd_entry[63:0], in_entry[63:0], out_entry[63:0]};
  assign key_aes256 = key[0];
  assign key_salt   = key[63:32];
  assign key_data   = key[319:64];

  logic unused;
  assign unused = &{1'b0, key[31:1], rdata_out[1023:OUT_W], rdata_in[1023:IN_W], rdata_spd[1023:SPD_W]};
endmodule
