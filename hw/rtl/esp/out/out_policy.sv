// SPDX-License-Identifier: Apache-2.0
//
// out_policy: what is to happen to a frame that leaves, as far as it can be
// said without its SA.
//
// Frames come in order and go out in order. A frame with a handle and one that
// is decided by its kind pass; others ask the SPD. Up to 16 frames wait here
// for answers, so a flow-cache miss delays but lookups behind it are under way.
// `head` leaves at once, for the prefix builder.
//
// Latency 2 cycles without a lookup. Throughput 1 frame a cycle.
module out_policy (
    input  logic                      clk,
    input  logic                      rst,
    input  logic                      enable,
    input  logic                      cfg_nonip_bypass,
    input  logic                      cfg_arp_bypass,
    input  logic                      f_valid,
    output logic                      f_ready,
    input  espalier_pkg::frame_t      f_frame,
    input  espalier_pkg::tx_user_t    f_user,
    input  logic                [3:0] f_slot,
    output logic                      spd_req_valid,
    input  logic                      spd_req_ready,
    output espalier_pkg::selector_t   spd_req,
    input  logic                      spd_res_valid,
    output logic                      spd_res_ready,
    input  espalier_pkg::spd_result_t spd_res,
    output logic                      head_valid,
    input  logic                      head_ready,
    output espalier_out_pkg::head_t   head,
    output logic                      req_valid,
    input  logic                      req_ready,
    output espalier_out_pkg::req_t    req,
    output logic                      moves  // something happens in this cycle
);
  // ------------------------------------------------------------ what is asked
  espalier_out_pkg::req_t in_req;
  logic is_ip;
  assign is_ip = (f_frame.l3.kind == espalier_pkg::KIND_IPV4) ||
                 (f_frame.l3.kind == espalier_pkg::KIND_IPV6);

  always_comb begin
    in_req.fixed = !f_frame.ip;
    in_req.code  = espalier_pkg::TX_NONIP_DISCARD;
    if (f_frame.code != espalier_pkg::CODE_NONE) begin
      in_req.code = f_frame.code;
    end else if (!is_ip) begin
      if (f_frame.l3.kind == espalier_pkg::KIND_ARP ? cfg_arp_bypass : cfg_nonip_bypass)
        in_req.code = espalier_pkg::TX_BYPASSED;
    end else begin
      in_req.code = f_frame.l3.bad ? espalier_pkg::TX_HDR_ERROR : espalier_pkg::CODE_NONE;
    end
    in_req.from_policy = !f_user.handle_valid;
    in_req.policy      = 16'd0;
    in_req.handle      = f_user.handle;
    in_req.qid         = f_user.qid;
    in_req.index       = f_user.index;
    in_req.frame_len   = f_frame.frame_len;
    in_req.l2_words    = f_frame.l2_words;
    in_req.data_len    = f_frame.data_len;
    in_req.v6          = (f_frame.l3.kind == espalier_pkg::KIND_IPV6);
    in_req.len         = f_frame.l3.len;
    in_req.hdr_len     = f_frame.l3.hdr_len;
    in_req.too_long    = f_frame.l3.too_long;
    in_req.frag        = f_frame.l3.frag;
    in_req.nh_off      = f_frame.l3.nh_off;

    head.l2       = f_frame.l2;
    head.l2_words = f_frame.l2_words;
    head.slot     = f_slot;
    head.v6       = in_req.v6;
    head.hdr_len  = f_frame.l3.hdr_len;
    head.nh_off   = f_frame.l3.nh_off;
    head.tos      = f_frame.l3.tos;
    head.ttl      = f_frame.l3.ttl;
    head.df       = f_frame.l3.df;
    head.len      = f_frame.l3.len;
    head.proto    = f_frame.l3.sel.proto;
  end

  logic lookup, room, take, wait_ready;
  assign lookup        = !in_req.fixed && in_req.from_policy;
  assign room          = enable && wait_ready && head_ready;
  assign f_ready       = room && (!lookup || spd_req_ready);
  assign take          = f_valid && f_ready;
  assign head_valid    = take;
  assign spd_req_valid = f_valid && lookup && room;
  assign spd_req       = f_frame.l3.sel;

  // --------------------------------------------------------- waiting for the SPD
  logic wait_valid, wait_pop;
  espalier_out_pkg::req_t w;
  logic [4:0] unused_count;
  fifo_sync #(
      .WIDTH($bits(in_req)),
      .DEPTH(16)
  ) u_wait (
      .clk    (clk),
      .rst    (rst),
      .s_valid(take),
      .s_ready(wait_ready),
      .s_data (in_req),
      .m_valid(wait_valid),
      .m_ready(wait_pop),
      .m_data (w),
      .count  (unused_count)
  );

  logic w_lookup, out_free;
  assign w_lookup      = !w.fixed && w.from_policy;
  assign out_free      = !req_valid || req_ready;
  assign wait_pop      = out_free && (!w_lookup || spd_res_valid);
  assign spd_res_ready = out_free && wait_valid && w_lookup;

  espalier_out_pkg::req_t w_done;
  always_comb begin
    w_done = w;
    if (w_lookup) begin
      w_done.policy = spd_res.index;
      w_done.handle = spd_res.handle;
      if (spd_res.parity) begin
        w_done.fixed = 1'b1;
        w_done.code  = espalier_pkg::TX_PARITY;
      end else if (!spd_res.match) begin
        w_done.fixed = 1'b1;
        w_done.code  = espalier_pkg::TX_NO_POLICY;
      end else if (spd_res.action == espalier_pkg::ACT_BYPASS) begin
        w_done.fixed = 1'b1;
        w_done.code  = espalier_pkg::TX_BYPASSED;
      end else if (spd_res.action != espalier_pkg::ACT_PROTECT) begin
        w_done.fixed = 1'b1;
        w_done.code  = espalier_pkg::TX_POL_BLOCK;
      end
    end
  end

  assign moves = take || (wait_valid && wait_pop) || (req_valid && req_ready);

  logic unused_reqid;
  assign unused_reqid = ^spd_res.reqid;

  always_ff @(posedge clk) begin
    if (out_free && wait_valid) req <= w_done;
    if (rst) req_valid <= 1'b0;
    else if (out_free) req_valid <= wait_valid && wait_pop;
  end
endmodule
