// SPDX-License-Identifier: Apache-2.0
//
// in_intake: frames from the wire, parsed, classified and numbered.
//
// Every frame that is not lost to RX_OVERFLOW leaves three things, all in order:
// its facts (facts_*) for decapsulation, what admission has to ask for (q_*), and
// its words of layer 3 (d_*). In the cycle of `go` it is admitted, and l2 goes to the
// memory of layer-2 headers; l2 holds for 4 cycles. From the next cycle on, when it is
// known what the frame is, l_ask goes to the SA look-up where l_valid says so.
//
// Throughput: one word per cycle, s_tready is never low once `open`; a frame in 4
// cycles. Latency from a frame's last word to `go`: 8 or 9 cycles.
module in_intake #(
    parameter int BUF_BEATS = 2048,
    parameter int FRAME_MAX = 9216
) (
    input  logic                clk,
    input  logic                rst,
    input  logic                open,        // the tables are cleared
    output logic                busy,        // a frame or its words wait here
    // wire
    input  logic                s_tvalid,
    output logic                s_tready,
    input  logic [127:0]        s_tdata,
    input  logic [15:0]         s_tkeep,
    input  logic                s_tlast,
    input  logic [5:0]          s_terr,
    // statistics
    output logic                stat_in_valid,
    output espalier_pkg::stat_t stat_in,
    output logic                stat_ovf_valid,
    output espalier_pkg::stat_t stat_ovf,
    // configuration
    input  logic [47:0]         mac,
    input  logic                promisc,
    input  logic                nonip_bypass,
    input  logic                arp_bypass,
    // a frame is admitted
    output logic                go,
    output logic [191:0]        l2,
    output logic                l_valid,
    input  logic                l_ready,
    output esp_in_pkg::ask_t    l_ask,
    // what is known of it
    output logic                facts_valid,
    input  logic                facts_ready,
    output esp_in_pkg::facts_t  facts,
    output logic                q_valid,
    input  logic                q_ready,
    output esp_in_pkg::ask_t    q,
    // words of layer 3
    output logic                d_valid,
    input  logic                d_ready,
    output logic [127:0]        d_data
);
  // ----------------------------------------------------------------- ingress
  logic f_valid, f_ready, ing_ready;
  espalier_pkg::frame_t f_frame;
  logic [127:0] unused_h_data;
  logic [3:0] unused_f_slot;
  logic unused_parse_due, unused_f_user;
  logic [13:0] drop_bytes;

  // Nothing is admitted before the tables are cleared, and only whole frames.
  assign s_tready = open && ing_ready;

  ingress #(
      .BUF_BEATS (BUF_BEATS),
      .USER_W    (1),
      .DROP_FULL (1),
      .FRAME_MAX (FRAME_MAX),
      .IN_CODE   (espalier_pkg::RX_IN),
      .SHORT_CODE(espalier_pkg::RX_FRAME_ERROR)
  ) u_ingress (
      .clk       (clk),
      .clk_parse (clk),
      .rst       (rst),
      .parse_due (unused_parse_due),
      .s_tvalid  (s_tvalid && s_tready),
      .s_tready  (ing_ready),
      .s_tdata   (s_tdata),
      .s_tkeep   (s_tkeep),
      .s_tlast   (s_tlast),
      .s_terr    (s_terr),
      .s_user    (1'b0),
      .f_valid   (f_valid),
      .f_ready   (f_ready),
      .f_frame   (f_frame),
      .f_user    (unused_f_user),
      .f_slot    (unused_f_slot),
      .d_valid   (d_valid),
      .d_ready   (d_ready),
      .d_data    (d_data),
      .h_slot    (4'd0),
      .h_beat    (2'd0),
      .h_data    (unused_h_data),
      .h_release (f_valid && f_ready),
      .in_valid  (stat_in_valid),
      .in_stat   (stat_in),
      .drop_valid(stat_ovf_valid),
      .drop_bytes(drop_bytes)
  );
  assign stat_ovf.code  = espalier_pkg::RX_OVERFLOW;
  assign stat_ovf.bytes = drop_bytes;

  // ---------------------------------------------------------- classification
  logic c_valid, c_ready, facts_in_ready, ask_in_ready;
  logic due, esp, handed;  // an admitted frame has still to ask
  esp_in_pkg::facts_t c_facts;

  in_classify u_classify (
      .clk         (clk),
      .rst         (rst),
      .mac         (mac),
      .promisc     (promisc),
      .nonip_bypass(nonip_bypass),
      .arp_bypass  (arp_bypass),
      .f_valid     (f_valid),
      .f_ready     (f_ready),
      .f_frame     (f_frame),
      .o_valid     (c_valid),
      .o_ready     (c_ready),
      .o_facts     (c_facts),
      .keep        (due),
      .o_ask       (l_ask),
      .o_l2        (l2)
  );

  // The place in u_asks stays free until the frame asks.
  assign c_ready = facts_in_ready && ask_in_ready && open;
  assign go      = c_valid && c_ready;
  assign esp     = l_ask.cls == esp_in_pkg::CLS_ESP;
  assign l_valid = due && esp;
  assign handed  = due && (l_ready || !esp);
  always_ff @(posedge clk) begin
    if (rst || handed) due <= 1'b0;
    else if (go) due <= 1'b1;
  end

  logic [5:0] unused_facts_count;
  fifo_block #(
      .WIDTH($bits(facts)),
      .DEPTH(32),
      .WORDS(4),
      .HOLD(1)
  ) u_facts (
      .clk(clk), .rst(rst),
      .s_valid(go), .s_ready(facts_in_ready), .s_data(c_facts),
      .m_valid(facts_valid), .m_ready(facts_ready), .m_data(facts),
      .count(unused_facts_count)
  );

  logic [3:0] unused_ask_count;
  fifo_sync #(
      .WIDTH($bits(q)),
      .DEPTH(8),
      .EARLY(2)
  ) u_asks (
      .clk(clk), .rst(rst),
      .s_valid(handed), .s_ready(ask_in_ready), .s_data(l_ask),
      .m_valid(q_valid), .m_ready(q_ready), .m_data(q),
      .count(unused_ask_count)
  );

  assign busy = f_valid || d_valid || c_valid || due || facts_valid || q_valid;

  logic unused;
  assign unused = &{1'b0, unused_h_data, unused_f_slot, unused_parse_due, unused_f_user, unused_facts_count,
                    unused_ask_count};
endmodule
