// SPDX-License-Identifier: Apache-2.0
//
// sad_in: the inbound SA entries as admission reads them, with a parity bit
// and a stop bit (hard limit reached).
//
// Three readers, each with its own port on its own memory or an exclusive use:
//   a_*  admission: a_re, a_slot; entry and stop bit 2 cycles later. Always served.
//   x_*  table operations: x_re is served when x_grant; data 2 cycles later.
//        x_we writes an entry, also under x_grant.
//   stop_we: the counters set or clear a stop bit. The reader may see it late;
//        the counters check the limit again themselves.
//   live_slot -> live: for key writes; 2 cycles.
// All entries are cleared after `rst`; init_done says so.
module sad_in #(
    parameter int SA_ENTRIES = 1024,
    parameter int SW = $clog2(SA_ENTRIES),
    parameter int EW = esp_in_pkg::SAD_W
) (
    input  logic          clk,
    input  logic          rst,
    output logic          init_done,
    input  logic          a_re,
    input  logic [SW-1:0] a_slot,
    output logic [EW-1:0] a_entry,
    output logic          a_bad,
    output logic          a_stop,
    output logic          x_grant,
    input  logic          x_re,
    input  logic          x_we,
    input  logic [SW-1:0] x_slot,
    input  logic [EW-1:0] x_wdata,
    input  logic          x_flip,     // write the wrong parity
    output logic [EW-1:0] x_entry,
    output logic          x_bad,
    input  logic          stop_we,
    input  logic [SW-1:0] stop_slot,
    input  logic          stop_value,
    input  logic [SW-1:0] live_slot,
    output logic          live
);
  logic [SW:0] clear;
  logic        we, stop_we_q, stop_value_q;
  logic [SW-1:0] waddr, stop_slot_q;
  logic [EW:0] wdata, rdata;

  assign init_done = clear[SW];
  // The same address is never read and written in one cycle.
  assign x_grant = init_done && !a_re;

  assign we    = !init_done || (x_we && x_grant);
  assign waddr = init_done ? x_slot : clear[SW-1:0];
  assign wdata = init_done ? {(^x_wdata) ^ x_flip, x_wdata} : '0;

  ram_1r1w #(
      .WIDTH(EW + 1),
      .DEPTH(SA_ENTRIES)
  ) u_entry (
      .clk(clk), .we(we), .waddr(waddr), .wdata(wdata),
      .re(a_re || (x_re && x_grant)), .raddr(a_re ? a_slot : x_slot), .rdata(rdata)
  );
  assign a_entry = rdata[EW-1:0];
  assign x_entry = rdata[EW-1:0];
  assign a_bad   = ^rdata;
  assign x_bad   = ^rdata;

  // Bit EW-1 of an entry is the live bit.
  ram_narrow #(
      .WIDTH(1),
      .DEPTH(SA_ENTRIES)
  ) u_live (
      .clk(clk), .we(we), .waddr(waddr), .wdata(wdata[EW-1]),
      .re(!we), .raddr(live_slot), .rdata(live)
  );

  // A stop write waits for a cycle without a read.
  ram_narrow #(
      .WIDTH(1),
      .DEPTH(SA_ENTRIES)
  ) u_stop (
      .clk(clk), .we(!init_done || (stop_we_q && !a_re)), .waddr(init_done ? stop_slot_q : clear[SW-1:0]),
      .wdata(init_done && stop_value_q),
      .re(a_re), .raddr(a_slot), .rdata(a_stop)
  );

  always_ff @(posedge clk) begin
    if (stop_we) begin
      stop_slot_q  <= stop_slot;
      stop_value_q <= stop_value;
    end
    if (rst) stop_we_q <= 1'b0;
    else if (stop_we) stop_we_q <= 1'b1;
    else if (!a_re) stop_we_q <= 1'b0;
    if (rst) clear <= '0;
    else if (!init_done) clear <= clear + 1'b1;
  end
endmodule
