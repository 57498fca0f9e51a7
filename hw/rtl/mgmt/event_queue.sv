// SPDX-License-Identifier: Apache-2.0
//
// event_queue: the last 64 things that software must hear of.
//
// SOURCES raise events by a pulse, in any cycle, together too; sixteen of each
// can wait for their turn. An event that finds no room is counted in `lost`,
// which saturates; none disappears silently. In order per source.
module event_queue #(
    parameter int SOURCES = 4
) (
    input  logic                    clk,
    input  logic                    rst,
    input  logic [     SOURCES-1:0] s_valid,
    input  logic [  72*SOURCES-1:0] s_event,    // espalier_pkg::event_t each
    output logic                    m_valid,    // the oldest stands in m_event
    output espalier_pkg::event_t    m_event,
    input  logic                    pop,
    output logic [             7:0] count,
    output logic [            15:0] lost,
    input  logic                    clear_lost,
    output logic                    came,       // pulse: an event was queued
    output logic                    lost_now,   // pulse: one was lost
    output logic                    idle
);
  logic [SOURCES-1:0] waiting, ready, take;
  // type, handle, info: no event uses more of it
  localparam int W = 4 + 32 + 16;
  logic [W*SOURCES-1:0] oldest;

  generate
    for (genvar g = 0; g < SOURCES; g++) begin : g_source
      logic [4:0] unused_count;
      fifo_sync #(.WIDTH(W), .DEPTH(16)) u_fifo (
          .clk(clk), .rst(rst),
          .s_valid(s_valid[g]), .s_ready(ready[g]),
          .s_data({s_event[72*g+64+:4], s_event[72*g+32+:32], s_event[72*g+:16]}),
          .m_valid(waiting[g]), .m_ready(take[g]), .m_data(oldest[W*g+:W]),
          .count(unused_count));
      logic unused;
      assign unused = &{1'b0, unused_count, s_event[72*g+68+:4], s_event[72*g+16+:16]};
    end
  endgenerate

  // The choice is a cycle old when it takes effect.
  logic any, room;
  logic [SOURCES-1:0] after, pick;  // after: sources above the one chosen last
  logic [W-1:0] next, first;
  logic [6:0] held;
  rr_grant #(.N(SOURCES)) u_rr (.req(waiting), .after(after), .grant(pick));
  always_comb begin
    next = '0;
    for (int s = 0; s < SOURCES; s++) if (take[s]) next = oldest[W*s+:W];
  end
  assign any = ((take & waiting) != '0);

  fifo_block #(.WIDTH(W), .DEPTH(64)) u_queue (
      .clk(clk), .rst(rst),
      .s_valid(any), .s_ready(room), .s_data(next),
      .m_valid(m_valid), .m_ready(pop), .m_data(first), .count(held));
  assign count          = {1'b0, held};
  assign m_event.etype  = {4'd0, first[51:48]};
  assign m_event.handle = first[47:16];
  assign m_event.info   = {16'd0, first[15:0]};

  // Several can be lost in one cycle: at the door of each source, and here.
  logic [3:0] losses, losses_q;
  logic [16:0] lost_sum;
  always_comb begin
    losses = {3'b0, any && !room};
    for (int s = 0; s < SOURCES; s++) losses = losses + {3'b0, s_valid[s] && !ready[s]};
  end
  assign came     = any && room;
  assign lost_now = (losses_q != 4'd0);
  assign lost_sum = {1'b0, clear_lost ? 16'd0 : lost} + {13'd0, losses_q};
  assign idle     = (waiting == '0) && (s_valid == '0) && !lost_now;

  always_ff @(posedge clk) begin
    take <= pick;
    if (pick != '0) for (int s = 0; s < SOURCES; s++) after[s] <= (pick & SOURCES'((1 << s) - 1)) != '0;
    losses_q <= losses;
    lost     <= lost_sum[16] ? 16'hffff : lost_sum[15:0];
    if (rst) begin
      take     <= '0;
      after    <= '0;
      losses_q <= 4'd0;
      lost     <= 16'd0;
    end
  end
endmodule
