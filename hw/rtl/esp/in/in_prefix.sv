// SPDX-License-Identifier: Apache-2.0
//
// in_prefix: the words in front of a delivered payload: the layer-2 header,
// with the ethertype of the inner family, and in transport mode the header of
// the frame with next header, length and IPv4 checksum rewritten (RFC 1624).
//
// One order q_* a frame, ceil((l2_words + hdr_words) / 4) words p_*. The first
// comes 4 cycles after the order, 5 where there are VLAN tags, the others behind
// it one a cycle; an order takes as many cycles more than it brings words.
//
// Layer-2 headers and the first 64 bytes of layer 3 lie in two memories that
// are written before the cipher, at the frame's number modulo 64. The one of the
// layer-2 headers keeps them in thirds, in the order in which they are wanted: what
// is behind 16 bytes, if anything, first. `l2` holds for 3 cycles from l2_we on.
module in_prefix (
    input  logic                clk,
    input  logic                rst,
    input  logic                l2_we,
    input  logic [5:0]          l2_number,
    input  logic [191:0]        l2,
    input  logic                h_we,
    input  logic [7:0]          h_addr,
    input  logic [127:0]        h_data,
    input  logic                q_valid,
    output logic                q_ready,
    input  logic [5:0]          q_number,
    input  esp_in_pkg::prefix_t q,
    output logic                p_valid,
    input  logic                p_ready,
    output logic [127:0]        p_data
);
  // --------------------------------------------------- layer-2 headers, kept
  logic [1:0]  third;   // to be written
  logic [5:0]  number;
  logic [63:0] l2_part;

  always_comb begin
    l2_part = l2[191:128];
    if (third == 2'd1) l2_part = l2[63:0];
    if (third == 2'd2) l2_part = l2[127:64];
  end
  always_ff @(posedge clk) begin
    if (l2_we) number <= l2_number;
    if (l2_we || third != 2'd0) third <= (third == 2'd2) ? 2'd0 : third + 2'd1;
    if (rst) third <= 2'd0;
  end

  // ------------------------------------------------------------------- reads
  // Steps 0 to 2 read the layer-2 header, the others a word of the other one.
  logic [2:0] next, step, last_step;
  logic [4:0] units;
  logic       go, room;
  logic [4:0] p_count;
  logic [63:0] l2_q;
  logic [127:0] h_q;

  assign units     = {2'd0, q.l2_words} + q.hdr_words - 5'd1;
  assign last_step = units[4:2] + 3'd2;
  assign go        = q_valid && room;
  assign step      = {next[2:1], next[0] || (next == 3'd0 && q.l2_words == 3'd4)};
  assign q_ready   = room && step == last_step;

  logic [1:0] beat;
  assign beat = step[1:0] - 2'd3;

  ram_1r1w #(.WIDTH(64), .DEPTH(256)) u_l2 (
      .clk(clk), .we(l2_we || third != 2'd0), .waddr({third == 2'd0 ? l2_number : number, third}), .wdata(l2_part),
      .re(go), .raddr({q_number, step[1:0]}), .rdata(l2_q)
  );
  ram_1r1w #(.WIDTH(128), .DEPTH(256)) u_hdr (
      .clk(clk), .we(h_we), .waddr(h_addr), .wdata(h_data), .re(go), .raddr({q_number, beat}), .rdata(h_q)
  );

  // ------------------------------------------------- the orders, beside the RAM
  logic       v1, v2, v3;
  logic [2:0] s1_step;
  logic [1:0] s2_beat;
  logic       s2_carry, s2_low, s2_high;  // thirds of the layer-2 header, else a word of the other one
  /* verilator lint_off UNUSEDSIGNAL */
  esp_in_pkg::prefix_t s1, s2;  // the number of words is spent by then
  /* verilator lint_on UNUSEDSIGNAL */

  always_ff @(posedge clk) begin
    if (go) begin
      s1      <= q;
      s1_step <= step;
      next    <= (step == last_step) ? 3'd0 : step + 3'd1;
    end
    if (v1) begin
      s2       <= s1;
      s2_carry <= s1_step == 3'd0;
      s2_low   <= s1_step == 3'd1;
      s2_high  <= s1_step == 3'd2;
      s2_beat  <= s1_step[1:0] - 2'd3;
    end
    v1 <= go && !rst;
    v2 <= v1 && !rst;
    v3 <= v2 && !s2_carry && !s2_low && !rst;
    if (rst) next <= 3'd0;
  end

  // ------------------------------------------------------------- the rewriting
  // Functions, so that they are worked out only when there is something to do.
  // The third of a layer-2 header that ends on the ethertype, in its upper or in
  // its lower half.
  function logic [63:0] with_type(input logic [63:0] w, input logic high, input logic low, input logic six);
    with_type = w;
    if (high) with_type[63:48] = six ? 16'hdd86 : 16'h0008;  // stream order
    if (low) with_type[31:16] = six ? 16'hdd86 : 16'h0008;
  endfunction

  function logic [127:0] with_fields(input logic [127:0] w, input logic [1:0] at, input logic six,
                                     input logic [15:0] len, input logic [15:0] add, input logic [5:0] nh_off,
                                     input logic [7:0] nh);
    logic [15:0] sum;
    with_fields = w;
    if (at == 2'd0) begin
      if (six) with_fields[47:32] = {len[7:0], len[15:8]};
      else begin
        sum = ~esp_in_pkg::add1c(~{w[87:80], w[95:88]}, add);
        with_fields[31:16] = {len[7:0], len[15:8]};
        with_fields[95:80] = {sum[7:0], sum[15:8]};
      end
    end
    for (int i = 0; i < 16; i++) if (nh_off == {at, 4'(i)}) with_fields[8*i+:8] = nh;
  endfunction

  logic [63:0]  carry;
  logic [127:0] word;
  // {what is left for the next word, this word} of a header word behind l2w units
  function logic [191:0] shifted(input logic [127:0] w, input logic [63:0] left, input logic [2:0] l2w);
    case (l2w)
      3'd4: shifted = {w[127:64], w};
      3'd5: shifted = {32'd0, w[127:96], w[95:0], left[31:0]};
      default: shifted = {w[127:64], w[63:0], left};
    endcase
  endfunction

  always_ff @(posedge clk) begin
    if (v2) begin
      if (s2_carry)
        carry <= with_type(l2_q, s2.set_type && s2.l2_words == 3'd6, s2.set_type && s2.l2_words == 3'd5, s2.v6);
      else if (s2_low) word[63:0] <= l2_q;
      else if (s2_high) word[127:64] <= with_type(l2_q, s2.set_type && s2.l2_words == 3'd4, 1'b0, s2.v6);
      else
        {carry, word} <= shifted(with_fields(h_q, s2_beat, s2.v6, s2.len_field, s2.csum_add, s2.nh_off, s2.nh),
                                 carry, s2.l2_words);
    end
  end

  logic unused_ready;
  fifo_sync #(
      .WIDTH(128),
      .DEPTH(16)
  ) u_out (
      .clk(clk),
      .rst(rst),
      .s_valid(v3),
      .s_ready(unused_ready),
      .s_data(word),
      .m_valid(p_valid),
      .m_ready(p_ready),
      .m_data(p_data),
      .count(p_count)
  );
  // Four words can be under way when this is seen.
  always_ff @(posedge clk) room <= p_count < 5'd10 && unused_ready && !rst;
  logic unused;
  assign unused = &{1'b0, units[1:0]};
endmodule
