// SPDX-License-Identifier: Apache-2.0
//
// in_classify: what a frame from the wire is before anything is looked up:
// for this station or not, IP or not, well-formed or not, ESP or in clear.
//
// One frame in, one record out, in order. Latency 1 cycle, throughput 1 in 4
// cycles, for o_facts and o_l2 hold for 4 cycles from the handshake on: who takes
// them keeps them in narrow memories, part by part. o_ask, which says what the frame
// is, is there from the cycle behind the handshake on, for as long as `keep` is high.
// A frame that is dropped here still goes through all stages, as a record with a
// code, so that every frame is counted once and in order.
module in_classify (
    input  logic                 clk,
    input  logic                 rst,
    input  logic [47:0]          mac,
    input  logic                 promisc,
    input  logic                 nonip_bypass,
    input  logic                 arp_bypass,
    input  logic                 f_valid,
    output logic                 f_ready,
    // Not all that is known of a header matters to a receiver.
    /* verilator lint_off UNUSEDSIGNAL */
    input  espalier_pkg::frame_t f_frame,
    /* verilator lint_on UNUSEDSIGNAL */
    output logic                 o_valid,
    input  logic                 o_ready,
    output esp_in_pkg::facts_t   o_facts,
    input  logic                 keep,
    output esp_in_pkg::ask_t     o_ask,
    output logic [191:0]         o_l2
);
  localparam logic [5:0] NONE = espalier_pkg::CODE_NONE;

  logic take, fresh;
  logic [1:0] hold;  // cycles still to hold
  assign f_ready = !o_valid && !hold[1] && !keep;
  assign take    = f_valid && f_ready;

  // What stands in the record, which comes out of a deep memory, and a cycle later
  // what that means.
  esp_in_pkg::ask_t r_ask;
  logic [1:0]       r_kind;
  logic             r_bad, r_frag, r_long;
  logic             r_short;  // room for ESP header and IV is not even there
  logic             r_any;    // the destination is not asked, or a group
  logic [2:0]       r_mine;   // its three parts
  logic [14:0]      body;
  assign body = {1'b0, f_frame.l3.len} - {8'd0, f_frame.l3.hdr_len} - 15'd16;

  always_ff @(posedge clk) begin
    if (take) begin
      o_facts.frame_len <= f_frame.frame_len;
      o_facts.data_len  <= f_frame.data_len;
      o_facts.l2_words  <= f_frame.l2_words;
      o_facts.hdr_len   <= f_frame.l3.hdr_len;
      o_facts.nh_off    <= f_frame.l3.nh_off;
      o_facts.ecn       <= f_frame.l3.tos[1:0];
      o_facts.sel       <= f_frame.l3.sel;
      r_ask.v6          <= f_frame.l3.sel.v6;
      r_ask.spi         <= f_frame.l3.word0;
      r_ask.dst         <= f_frame.l3.sel.dst;
      r_ask.seq         <= f_frame.l3.word1;
      r_ask.iv          <= f_frame.l3.iv;
      r_ask.body        <= body[13:0];
      r_ask.hdr_len     <= f_frame.l3.hdr_len;
      r_ask.words       <= '0;  // worked out from data_len, below
      r_ask.tail        <= '0;
      r_kind            <= f_frame.l3.kind;
      r_bad             <= f_frame.l3.bad;
      r_frag            <= f_frame.l3.frag;
      r_long            <= f_frame.l3.too_long;
      r_short           <= body[14];
      // Bytes 0 and 1 of l2 are padding; the destination follows.
      r_any             <= promisc || f_frame.l2[16];
      r_mine <= {f_frame.l2[31:16] == mac[15:0], f_frame.l2[47:32] == mac[31:16], f_frame.l2[63:48] == mac[47:32]};
      o_l2              <= f_frame.l2;
    end
    fresh <= take && !rst;
    if (rst) o_valid <= 1'b0;
    else if (take) o_valid <= 1'b1;
    else if (o_ready) o_valid <= 1'b0;
    if (rst) hold <= 2'd0;
    else if (o_valid && o_ready) hold <= 2'd3;
    else if (hold != 2'd0) hold <= hold - 2'd1;
  end

  // RFC 4303 section 2.4: the trailer ends on a multiple of 4 bytes. The
  // smallest body is 4 bytes of ciphertext and an ICV of 8.
  logic ip, arp, esp, body_bad;
  /* verilator lint_off UNUSEDSIGNAL */
  espalier_pkg::selector_t sel;  // only its protocol
  /* verilator lint_on UNUSEDSIGNAL */
  assign sel = o_facts.sel;
  assign ip  = r_kind == espalier_pkg::KIND_IPV4 || r_kind == espalier_pkg::KIND_IPV6;
  assign arp = r_kind == espalier_pkg::KIND_ARP;
  assign esp = sel.proto == 8'd50;
  assign body_bad = r_short || r_ask.body[1:0] != 2'd0 || (r_ask.body[13:4] == 10'd0 && r_ask.body[3:2] != 2'd3);

  // r_ask.code begins with the error of the frame itself.
  always_ff @(posedge clk) begin
    if (take) begin
      r_ask.code <= f_frame.code;
      r_ask.cls  <= esp_in_pkg::CLS_DROP;
    end else if (fresh && r_ask.code == NONE) begin
      if (!r_any && r_mine != 3'd7) r_ask.code <= espalier_pkg::RX_MAC_FILTER;
      else if (!ip) begin
        if (arp ? arp_bypass : nonip_bypass) r_ask.cls <= esp_in_pkg::CLS_RAW;
        else r_ask.code <= espalier_pkg::RX_NONIP_DISCARD;
      end else if (r_bad) r_ask.code <= espalier_pkg::RX_HDR_ERROR;
      else if (!esp) r_ask.cls <= esp_in_pkg::CLS_CLEAR;
      else if (r_frag) r_ask.code <= espalier_pkg::RX_FRAGMENT;
      else if (r_long || r_ask.spi == 32'd0 || body_bad) r_ask.code <= espalier_pkg::RX_HDR_ERROR;
      else r_ask.cls <= esp_in_pkg::CLS_ESP;
    end
  end

  always_comb begin
    o_ask = r_ask;
    o_ask.words = o_facts.data_len[13:4] + {9'd0, o_facts.data_len[3:0] != 4'd0};
    o_ask.tail  = o_facts.data_len[3:2] - 2'd1;
  end
endmodule
