// SPDX-License-Identifier: Apache-2.0
//
// in_verify_props: promise 2 at the block that keeps it. The buffer behind the
// cipher (pkt_fifo_tap) is told to commit only with the last word of a packet
// whose received ICV, all 8, 12 or 16 bytes of it, is the computed one; any
// other packet is taken back with its last word. Together with pkt_fifo_props:
// no word of a packet whose ICV is wrong is ever on m_*.
module in_verify_props (
    input logic         clk,
    input logic         rst,
    input logic [13:0]  e_ct_len,
    input logic [1:0]   e_icv_kind,
    input logic         e_tunnel,
    input logic [127:0] i_icv,
    input logic         g_valid,
    input logic [127:0] g_data,
    input logic         g_last,
    input logic [127:0] g_icv,
    input logic         e_valid,
    input logic         v_take,
    input logic [9:0]   v_words,
    input logic         m_ready,
    input logic         t_ready
);
  logic e_ready, i_ready, m_valid, t_valid;
  logic [4:0] v_free;
  logic [127:0] m_data;
  esp_in_pkg::trailer_t t_trailer;
  esp_in_pkg::inner_t t_inner;

  in_verify #(.BUF_BEATS(16)) dut (
      .clk(clk), .rst(rst), .e_valid(e_valid), .e_ready(e_ready), .e_ct_len(e_ct_len), .e_icv_kind(e_icv_kind), .e_tunnel(e_tunnel),
      .i_ready(i_ready), .i_icv(i_icv), .g_valid(g_valid), .g_data(g_data), .g_last(g_last), .g_icv(g_icv),
      .v_free(v_free), .v_take(v_take), .v_words(v_words), .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data),
      .t_valid(t_valid), .t_ready(t_ready), .t_trailer(t_trailer), .t_inner(t_inner));

  // The buffer's write side.
  (* hierconn *) logic \dut.u_buf.tap_valid ;
  (* hierconn *) logic \dut.u_buf.tap_commit ;
  (* hierconn *) logic \dut.u_buf.tap_rollback ;
  logic w_valid, w_commit, w_rollback;
  assign w_valid    = \dut.u_buf.tap_valid ;
  assign w_commit   = \dut.u_buf.tap_commit ;
  assign w_rollback = \dut.u_buf.tap_rollback ;

  logic started = 1'b0;
  always_ff @(posedge clk) started <= 1'b1;
  always_comb if (!started) assume (rst);

  // RFC 4106 section 6: ICV of 16, 12 or 8 bytes, the first ones of the tag.
  // Kind 3 does not exist; should it come, it is compared like 12.
  logic good;
  always_comb begin
    case (e_icv_kind)
      2'd0: good = i_icv == g_icv;
      2'd1, 2'd3: good = i_icv[95:0] == g_icv[95:0];
      default: good = i_icv[63:0] == g_icv[63:0];
    endcase
  end

  // What the cipher gave three cycles ago. Under reset nothing goes in.
  logic v1, v2, v3, l1, l2, l3, k1, k2, k3;
  logic [127:0] d1, d2, d3;
  always_ff @(posedge clk) begin
    {v1, v2, v3} <= {g_valid, v1, v2} & {3{!rst}};
    {l1, l2, l3} <= {g_last, l1, l2};
    {k1, k2, k3} <= {good, k1, k2};
    {d1, d2, d3} <= {g_data, d1, d2};
  end

  always_comb
    if (started) begin
      a_written:  assert (w_valid == v3);
      a_word:     assert (!w_valid || m_data == d3);
      a_commit:   assert (w_commit == (v3 && l3 && k3));
      a_rollback: assert (w_rollback == (v3 && l3 && !k3));
      a_taken:    assert (e_ready == (g_valid && g_last) && i_ready == e_ready);  // an ICV a packet
    end
endmodule
