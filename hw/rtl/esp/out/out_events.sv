// SPDX-License-Identifier: Apache-2.0
//
// out_events: what one frame has raised, at most one record a frame, sent on
// as events one a cycle.
//
// s_mask: acquire, parity, sequence numbers used up, hard packets, soft
// packets, hard bytes, soft bytes; zero: nothing. `room` means that 7 more
// records can come. Latency 3 cycles.
module out_events (
    input  logic                        clk,
    input  logic                        rst,
    input  logic                 [ 6:0] s_mask,
    input  logic                 [31:0] s_handle,
    input  logic                 [15:0] s_policy,
    output logic                        room,
    output logic                        busy,      // events are to come
    output logic                        ev_valid,
    output espalier_pkg::event_t        ev
);
  logic push, valid, next, unused_ready;
  logic [4:0] count;
  logic [6:0] q_mask, mask, one, left;  // mask: of the record in hand, what was not sent
  logic [31:0] q_handle, handle;
  logic [15:0] q_policy, policy;
  assign push = (s_mask != 7'd0);
  assign busy = push || valid || (mask != 7'd0) || ev_valid;

  fifo_sync #(
      .WIDTH(7 + 32 + 16),
      .DEPTH(16)
  ) u_records (
      .clk    (clk),
      .rst    (rst),
      .s_valid(push),
      .s_ready(unused_ready),
      .s_data ({s_mask, s_handle, s_policy}),
      .m_valid(valid),
      .m_ready(next),
      .m_data ({q_mask, q_handle, q_policy}),
      .count  (count)
  );

  assign one  = mask & (~mask + 7'd1);
  assign left = mask & (mask - 7'd1);
  assign next = (left == 7'd0);

  always_ff @(posedge clk) begin
    room     <= (count < 5'd8) && !rst;
    ev_valid <= (mask != 7'd0) && !rst;
    mask     <= !next ? left : valid ? q_mask : 7'd0;
    if (next && valid) begin
      handle <= q_handle;
      policy <= q_policy;
    end
    if (mask != 7'd0) begin
      ev.handle <= handle;
      ev.info   <= one[6] ? {16'd0, policy} :
                   one[5] ? {28'd0, espalier_pkg::TBL_SA_OUT} : 32'd0;
      case (one)
        7'h01: ev.etype <= espalier_pkg::EV_SOFT_BYTES;
        7'h02: ev.etype <= espalier_pkg::EV_HARD_BYTES;
        7'h04: ev.etype <= espalier_pkg::EV_SOFT_PACKETS;
        7'h08: ev.etype <= espalier_pkg::EV_HARD_PACKETS;
        7'h10: ev.etype <= espalier_pkg::EV_SEQ_OVERFLOW;
        7'h20: ev.etype <= espalier_pkg::EV_PARITY;
        default: ev.etype <= espalier_pkg::EV_ACQUIRE;
      endcase
    end
    if (rst) mask <= 7'd0;
  end
endmodule
