// SPDX-License-Identifier: Apache-2.0
//
// event_queue: the last 64 things that software must hear of.
//
// SOURCES raise events by a pulse, in any cycle, together too; eight of each
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
  localparam int SW = (SOURCES > 1) ? $clog2(SOURCES) : 1;
  logic [SOURCES-1:0] waiting, ready, take;
  logic [72*SOURCES-1:0] oldest;

  generate
    for (genvar g = 0; g < SOURCES; g++) begin : g_source
      logic [3:0] unused_count;
      fifo_sync #(.WIDTH(72), .DEPTH(8)) u_fifo (
          .clk(clk), .rst(rst),
          .s_valid(s_valid[g]), .s_ready(ready[g]), .s_data(s_event[72*g+:72]),
          .m_valid(waiting[g]), .m_ready(take[g]), .m_data(oldest[72*g+:72]),
          .count(unused_count));
      logic unused;
      assign unused = &{1'b0, unused_count};
    end
  endgenerate

  logic any, room;
  logic [SW-1:0] last, pick;
  logic [71:0] next;
  logic [6:0] held;
  rr_pick #(.N(SOURCES)) u_rr (.req(waiting), .last(last), .any(any), .pick(pick));
  always_comb begin
    take = '0;
    next = '0;
    if (any) take[pick] = 1'b1;
    for (int s = 0; s < SOURCES; s++) if (pick == SW'(s)) next = oldest[72*s+:72];
  end

  fifo_block #(.WIDTH(72), .DEPTH(64)) u_queue (
      .clk(clk), .rst(rst),
      .s_valid(any), .s_ready(room), .s_data(next),
      .m_valid(m_valid), .m_ready(pop), .m_data(m_event), .count(held));
  assign count = {1'b0, held};

  // Several can be lost in one cycle: at the door of each source, and here.
  logic [3:0] losses;
  always_comb begin
    losses = {3'b0, any && !room};
    for (int s = 0; s < SOURCES; s++) losses = losses + {3'b0, s_valid[s] && !ready[s]};
  end
  assign came     = any && room;
  assign lost_now = (losses != 4'd0);
  assign idle     = !any && (s_valid == '0);

  always_ff @(posedge clk) begin
    if (any) last <= pick;
    if (clear_lost) lost <= {12'd0, losses};
    else if (lost_now) lost <= (lost > 16'hffff - {12'd0, losses}) ? 16'hffff : lost + {12'd0, losses};
    if (rst) begin
      last <= '0;
      lost <= 16'd0;
    end
  end
endmodule
