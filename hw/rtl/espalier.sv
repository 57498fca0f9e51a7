// SPDX-License-Identifier: Apache-2.0
//
// espalier: the block. Host memory on AXI4, host registers on AXI4-Lite, the
// wire on AXI4-Stream, 16 bytes a cycle in each direction.
//
//   dma -> esp_out -> m_axis_wire        mgmt: registers, tables, counters,
//            |  gcm_pair, spd                  events
//   dma <- esp_in <- s_axis_wire
//
// irq[0] is mgmt's, irq[1 + i] that of queue pair i; level, high.
// idle: nothing moves and nothing will move without outside input.
//
// clk_room clocks the rooms one by one: each bit is `clk`, or `clk` without the
// edges at which the same bit of `wake` is low; nothing else changes then, not
// by one cycle. `wake` depends combinationally on inputs. In gates all bits are
// tied to `clk`; a simulation leaves the edges out, and with them the work. `look`
// is high whenever `wake` counts: always, or all the time between two edges (what a
// simulator works out just behind an edge is not looked at, and may be left out).
// Bits: espalier_pkg::ROOM_*.
module espalier #(
    parameter int NUM_QUEUES = 4,
    parameter int SA_ENTRIES = 1024,
    parameter int SPD_ENTRIES = 256,
    parameter int SPD_CACHE_SETS = 1024,
    parameter int WINDOW_MAX = 1024,
    parameter int BUF_BEATS = 2048,  // more than the words of the largest frame
    parameter int FRAME_MAX = 9216,
    parameter int GCM_ENGINES = 2,
    parameter int GCM_CYCLES = 1,  // 2, 4: engines at half, at a quarter of the rate
    parameter int SBOX = 0,
    parameter int GMUL = 0,
    parameter int TEST_HOOKS = 0
) (
    input logic clk,
    input logic rst,
    input logic [espalier_pkg::ROOMS-1:0] clk_room,
    output logic [espalier_pkg::ROOMS-1:0] wake,
    input logic look,

    input  logic        s_axil_awvalid,
    output logic        s_axil_awready,
    input  logic [15:0] s_axil_awaddr,
    input  logic        s_axil_wvalid,
    output logic        s_axil_wready,
    input  logic [31:0] s_axil_wdata,
    input  logic [ 3:0] s_axil_wstrb,
    output logic        s_axil_bvalid,
    input  logic        s_axil_bready,
    output logic [ 1:0] s_axil_bresp,
    input  logic        s_axil_arvalid,
    output logic        s_axil_arready,
    input  logic [15:0] s_axil_araddr,
    output logic        s_axil_rvalid,
    input  logic        s_axil_rready,
    output logic [31:0] s_axil_rdata,
    output logic [ 1:0] s_axil_rresp,

    output logic         m_axi_awvalid,
    input  logic         m_axi_awready,
    output logic [  3:0] m_axi_awid,
    output logic [ 63:0] m_axi_awaddr,
    output logic [  7:0] m_axi_awlen,
    output logic [  2:0] m_axi_awsize,
    output logic [  1:0] m_axi_awburst,
    output logic         m_axi_wvalid,
    input  logic         m_axi_wready,
    output logic [127:0] m_axi_wdata,
    output logic [ 15:0] m_axi_wstrb,
    output logic         m_axi_wlast,
    input  logic         m_axi_bvalid,
    output logic         m_axi_bready,
    input  logic [  3:0] m_axi_bid,
    input  logic [  1:0] m_axi_bresp,
    output logic         m_axi_arvalid,
    input  logic         m_axi_arready,
    output logic [  3:0] m_axi_arid,
    output logic [ 63:0] m_axi_araddr,
    output logic [  7:0] m_axi_arlen,
    output logic [  2:0] m_axi_arsize,
    output logic [  1:0] m_axi_arburst,
    input  logic         m_axi_rvalid,
    output logic         m_axi_rready,
    input  logic [  3:0] m_axi_rid,
    input  logic [127:0] m_axi_rdata,
    input  logic [  1:0] m_axi_rresp,
    input  logic         m_axi_rlast,

    output logic         m_axis_wire_tvalid,
    input  logic         m_axis_wire_tready,
    output logic [127:0] m_axis_wire_tdata,
    output logic [ 15:0] m_axis_wire_tkeep,
    output logic         m_axis_wire_tlast,
    input  logic         s_axis_wire_tvalid,
    output logic         s_axis_wire_tready,
    input  logic [127:0] s_axis_wire_tdata,
    input  logic [ 15:0] s_axis_wire_tkeep,
    input  logic         s_axis_wire_tlast,
    input  logic         s_axis_wire_tuser,   // with tlast: the MAC found the frame bad

    output logic [NUM_QUEUES:0] irq,
    output logic                idle
);
  localparam int KW = $clog2(SA_ENTRIES);

  espalier_params #(
      .NUM_QUEUES(NUM_QUEUES), .SA_ENTRIES(SA_ENTRIES), .SPD_ENTRIES(SPD_ENTRIES),
      .SPD_CACHE_SETS(SPD_CACHE_SETS), .WINDOW_MAX(WINDOW_MAX), .BUF_BEATS(BUF_BEATS),
      .FRAME_MAX(FRAME_MAX), .GCM_ENGINES(GCM_ENGINES), .GCM_CYCLES(GCM_CYCLES),
      .SBOX(SBOX), .GMUL(GMUL), .TEST_HOOKS(TEST_HOOKS)
  ) u_params ();

  // ----------------------------------------------------------- configuration
  logic cfg_enable, cfg_out_nonip_bypass, cfg_in_nonip_bypass, cfg_out_arp_bypass;
  logic cfg_in_arp_bypass, cfg_promisc;
  logic [47:0] cfg_mac;
  logic [7:0] cfg_queue_mask;
  logic out_init, in_init, spd_init, dma_ready, init_done;
  logic out_idle, in_idle, gcm_idle, gcm_idle_q, dma_idle, mgmt_idle, device_idle;
  logic in_busy, spd_busy, table_busy;
  logic [espalier_pkg::ROOMS-1:0] rooms, need;

  // Reset: a flip-flop for the block, and behind it one a room, so that none has to
  // reach all of them. They stand in a row: side by side they would be merged. So
  // `rst` has to be high for more than RSTS + 1 cycles; esp_in has one more, for its SAs.
  // The register bus is the first one: nothing is taken from outside before the others are
  // in reset, or out of it.
  localparam int RST_TOP = 0, RST_MGMT = 1, RST_DMA = 2, RST_GCM = 3, RST_SPD = 4, RST_OUT = 5;
  localparam int RST_IN = 6, RSTS = 7;
  logic [RSTS-1:0] rst_q;
  logic rst_any;
  assign rst_any = rst || rst_q != '0;
  always_ff @(posedge clk) rst_q <= {rst_q[RSTS-2:0], rst};

  always_ff @(posedge clk) begin
    init_done   <= !rst_q[RST_TOP] && out_init && in_init && spd_init && dma_ready;
    gcm_idle_q  <= gcm_idle;
    device_idle <= !rst_q[RST_TOP] && init_done && out_idle && in_idle && gcm_idle_q && dma_idle &&
                   !s_axis_wire_tvalid;
    idle        <= !rst_q[RST_TOP] && device_idle && mgmt_idle;
  end

  // -------------------------------------------------------------------- host
  logic q_valid, q_write, q_ack;
  logic [11:0] q_addr;
  logic [31:0] q_wdata, q_rdata;
  logic [3:0] q_wstrb;
  logic [1:0] q_resp;

  logic tx_tvalid, tx_tready, tx_tlast, done_valid, done_ready, rx_tvalid, rx_tready, rx_tlast;
  logic [127:0] tx_tdata, rx_tdata;
  logic [15:0] tx_tkeep, rx_tkeep;
  logic [5:0] tx_terr;
  espalier_pkg::tx_user_t tx_user;
  espalier_pkg::tx_done_t done;
  espalier_pkg::rx_meta_t rx_meta;

  logic stat_dma_valid, stat_ovf_valid, stat_rx_valid, stat_rx_in_valid, stat_tx_valid;
  logic stat_tx_in_valid;
  espalier_pkg::stat_t stat_dma, stat_ovf, stat_rx, stat_rx_in, stat_tx, stat_tx_in;
  logic ev_dma_valid, ev_spd_valid, ev_in_valid, ev_out_valid;
  espalier_pkg::event_t ev_dma, ev_spd, ev_in, ev_out;

  dma #(
      .NUM_QUEUES(NUM_QUEUES), .FRAME_MAX(FRAME_MAX)
  ) u_dma (
      .clk, .clk_desc(clk_room[espalier_pkg::ROOM_DMA_DESC]),
      .clk_tx(clk_room[espalier_pkg::ROOM_DMA_TX]), .clk_rx(clk_room[espalier_pkg::ROOM_DMA_RX]),
      .clk_cpl(clk_room[espalier_pkg::ROOM_DMA_CPL]), .rst(rst_q[RST_DMA]),
      .need_desc(rooms[espalier_pkg::ROOM_DMA_DESC]), .need_tx(rooms[espalier_pkg::ROOM_DMA_TX]),
      .need_rx(rooms[espalier_pkg::ROOM_DMA_RX]), .need_cpl(rooms[espalier_pkg::ROOM_DMA_CPL]),
      .reg_valid(q_valid), .reg_write(q_write), .reg_addr(q_addr), .reg_wdata(q_wdata),
      .reg_wstrb(q_wstrb), .reg_ack(q_ack), .reg_rdata(q_rdata), .reg_resp(q_resp),
      .tx_tvalid, .tx_tready, .tx_tdata, .tx_tkeep, .tx_tlast, .tx_terr, .tx_user,
      .done_valid, .done_ready, .done,
      .rx_tvalid, .rx_tready, .rx_tdata, .rx_tlast, .rx_meta,
      .stat_valid(stat_dma_valid), .stat(stat_dma), .ev_valid(ev_dma_valid), .ev(ev_dma),
      .irq(irq[NUM_QUEUES:1]), .ready(dma_ready), .idle(dma_idle),
      .m_axi_awvalid, .m_axi_awready, .m_axi_awid, .m_axi_awaddr, .m_axi_awlen, .m_axi_awsize,
      .m_axi_awburst, .m_axi_wvalid, .m_axi_wready, .m_axi_wdata, .m_axi_wstrb, .m_axi_wlast,
      .m_axi_bvalid, .m_axi_bready, .m_axi_bid, .m_axi_bresp,
      .m_axi_arvalid, .m_axi_arready, .m_axi_arid, .m_axi_araddr, .m_axi_arlen, .m_axi_arsize,
      .m_axi_arburst, .m_axi_rvalid, .m_axi_rready, .m_axi_rid, .m_axi_rdata, .m_axi_rresp);

  // --------------------------------------------------------------- management
  logic tbl_valid_out, tbl_valid_in, tbl_valid_spd, tbl_ack_out, tbl_ack_in, tbl_ack_spd;
  logic [3:0] tbl_op, tbl_table, tbl_res_out, tbl_res_in, tbl_res_spd;
  logic [15:0] tbl_index, miss_cycles;
  logic [31:0] spd_hits, spd_misses;
  logic [1023:0] tbl_wdata_out, tbl_wdata_in, tbl_wdata_spd;
  logic [1023:0] tbl_rdata_out, tbl_rdata_in, tbl_rdata_spd;
  logic [3:0] stage_shift;
  logic stage_clear;
  logic [63:0] stage_in;
  logic [191:0] stage_low;
  logic [KW-1:0] live_slot, key_idx;
  logic live_out, live_in;
  logic key_valid, key_ready, key_client, key_zeroize, key_done;

  mgmt #(
      .NUM_QUEUES(NUM_QUEUES), .SA_ENTRIES(SA_ENTRIES), .SPD_ENTRIES(SPD_ENTRIES),
      .SPD_CACHE_SETS(SPD_CACHE_SETS), .WINDOW_MAX(WINDOW_MAX), .GCM_ENGINES(GCM_ENGINES),
      .GCM_CYCLES(GCM_CYCLES), .SBOX(SBOX), .GMUL(GMUL), .FRAME_MAX(FRAME_MAX),
      .TEST_HOOKS(TEST_HOOKS), .STATS(6), .EVENTS(4)
  ) u_mgmt (
      .clk(clk_room[espalier_pkg::ROOM_MGMT]), .clk_stat(clk_room[espalier_pkg::ROOM_STAT]),
      .clk_free(clk), .rst(rst_q[RST_MGMT]), .need(rooms[espalier_pkg::ROOM_MGMT]),
      .need_stat(rooms[espalier_pkg::ROOM_STAT]),
      .s_axil_awvalid, .s_axil_awready, .s_axil_awaddr, .s_axil_wvalid, .s_axil_wready,
      .s_axil_wdata, .s_axil_wstrb, .s_axil_bvalid, .s_axil_bready, .s_axil_bresp,
      .s_axil_arvalid, .s_axil_arready, .s_axil_araddr, .s_axil_rvalid, .s_axil_rready,
      .s_axil_rdata, .s_axil_rresp,
      .q_valid, .q_write, .q_addr, .q_wdata, .q_wstrb, .q_ack, .q_rdata, .q_resp,
      .cfg_enable, .cfg_out_nonip_bypass, .cfg_in_nonip_bypass, .cfg_out_arp_bypass,
      .cfg_in_arp_bypass, .cfg_promisc, .cfg_mac, .cfg_queue_mask,
      .init_done, .device_idle, .idle(mgmt_idle), .table_busy,
      .spd_miss_cycles(miss_cycles), .spd_hits, .spd_misses,
      .stat_valid({stat_dma_valid, stat_ovf_valid, stat_rx_valid, stat_rx_in_valid, stat_tx_valid,
                   stat_tx_in_valid}),
      .stat({stat_dma, stat_ovf, stat_rx, stat_rx_in, stat_tx, stat_tx_in}),
      .ev_valid({ev_dma_valid, ev_spd_valid, ev_in_valid, ev_out_valid}),
      .ev({ev_dma, ev_spd, ev_in, ev_out}), .irq(irq[0]),
      .tbl_valid_out, .tbl_valid_in, .tbl_valid_spd, .tbl_op, .tbl_table, .tbl_index,
      .tbl_ack_out, .tbl_res_out, .tbl_ack_in, .tbl_res_in, .tbl_ack_spd, .tbl_res_spd,
      .stage_shift, .stage_clear, .stage_in, .stage_low,
      .live_slot, .live_out, .live_in,
      .key_valid, .key_ready, .key_client, .key_zeroize, .key_idx, .key_done);

  logic key_aes256;
  logic [31:0] key_salt;
  logic [255:0] key_data;
  table_stages u_stages (
      .clk(clk_room[espalier_pkg::ROOM_MGMT]),
      .rst({rst_q[RST_GCM], rst_q[RST_SPD], rst_q[RST_IN], rst_q[RST_OUT]}),
      .clear(stage_clear), .shift(stage_shift), .word(stage_in), .low(stage_low),
      .wdata_out(tbl_wdata_out), .wdata_in(tbl_wdata_in), .wdata_spd(tbl_wdata_spd),
      .rdata_out(tbl_rdata_out), .rdata_in(tbl_rdata_in), .rdata_spd(tbl_rdata_spd),
      .key_aes256, .key_salt, .key_data);

  // ---------------------------------------------------------------- wire side
  // CTRL.ENABLE opens and shuts the port between frames; what comes while it
  // is shut is thrown away here.
  logic port_open, in_frame, in_tready;
  logic [5:0] wire_terr;
  assign s_axis_wire_tready = init_done && (!port_open || in_tready);
  assign wire_terr = (s_axis_wire_tlast && s_axis_wire_tuser) ? espalier_pkg::RX_FRAME_ERROR :
                     espalier_pkg::CODE_NONE;
  always_ff @(posedge clk) begin
    if (s_axis_wire_tvalid && s_axis_wire_tready) in_frame <= !s_axis_wire_tlast;
    if (!in_frame && !(s_axis_wire_tvalid && s_axis_wire_tready)) port_open <= cfg_enable;
    if (rst_q[RST_TOP]) begin
      in_frame  <= 1'b0;
      port_open <= 1'b0;
    end
  end

  // ------------------------------------------------------- policies and cipher
  logic o_req_valid, o_req_ready, o_res_valid, o_res_ready;
  logic i_req_valid, i_req_ready, i_res_valid, i_res_ready;
  espalier_pkg::selector_t o_req, i_req;
  espalier_pkg::spd_result_t o_res, i_res;
  spd #(
      .ENTRIES(SPD_ENTRIES), .CACHE_SETS(SPD_CACHE_SETS), .TEST_HOOKS(TEST_HOOKS)
  ) u_spd (
      .clk(clk_room[espalier_pkg::ROOM_SPD]), .rst(rst_q[RST_SPD]), .init_done(spd_init), .busy(spd_busy),
      .o_req_valid, .o_req_ready, .o_req, .o_res_valid, .o_res_ready, .o_res,
      .i_req_valid, .i_req_ready, .i_req, .i_res_valid, .i_res_ready, .i_res,
      .tbl_valid(tbl_valid_spd), .tbl_op, .tbl_table, .tbl_index, .tbl_wdata(tbl_wdata_spd),
      .tbl_ack(tbl_ack_spd), .tbl_res(tbl_res_spd), .tbl_rdata(tbl_rdata_spd),
      .ev_valid(ev_spd_valid), .ev(ev_spd),
      .miss_cycles, .hits(spd_hits), .misses(spd_misses));

  logic a_cmd_valid, a_cmd_ready, a_cmd_decrypt, a_s_tvalid, a_s_tready, a_m_valid, a_m_last;
  logic b_cmd_valid, b_cmd_ready, b_cmd_decrypt, b_s_tvalid, b_s_tready, b_m_valid, b_m_last;
  logic [KW-1:0] a_cmd_key, b_cmd_key;
  logic [63:0] a_cmd_iv, b_cmd_iv;
  logic [13:0] a_cmd_aad_len, b_cmd_aad_len, a_cmd_len, b_cmd_len;
  logic [127:0] a_s_tdata, b_s_tdata, a_m_data, b_m_data, a_m_icv, b_m_icv;
  logic a_m_icv_valid, b_m_icv_valid, a_m_user, b_m_user, b_cmd_user;
  gcm_pair #(
      .ENGINES(GCM_ENGINES), .KEY_ENTRIES(SA_ENTRIES), .USER_W(1), .SBOX(SBOX), .GMUL(GMUL),
      .CYCLES(GCM_CYCLES)
  ) u_gcm (
      .clk_a(clk_room[espalier_pkg::ROOM_GCM_A]), .clk_b(clk_room[espalier_pkg::ROOM_GCM_B]),
      .rst(rst_q[RST_GCM]),
      .need_a(rooms[espalier_pkg::ROOM_GCM_A]), .need_b(rooms[espalier_pkg::ROOM_GCM_B]),
      .key_valid, .key_ready, .key_client, .key_zeroize, .key_idx, .key_aes256,
      .key_data, .key_salt, .key_done,
      .a_cmd_valid, .a_cmd_ready, .a_cmd_key, .a_cmd_decrypt, .a_cmd_iv, .a_cmd_aad_len,
      .a_cmd_len, .a_cmd_user(1'b0), .a_s_tvalid, .a_s_tready, .a_s_tdata,
      .a_m_valid, .a_m_data, .a_m_last, .a_m_icv_valid, .a_m_icv, .a_m_user,
      .b_cmd_valid, .b_cmd_ready, .b_cmd_key, .b_cmd_decrypt, .b_cmd_iv, .b_cmd_aad_len,
      .b_cmd_len, .b_cmd_user, .b_s_tvalid, .b_s_tready, .b_s_tdata,
      .b_m_valid, .b_m_data, .b_m_last, .b_m_icv_valid, .b_m_icv, .b_m_user,
      .idle(gcm_idle));

  // --------------------------------------------------------------- directions
  esp_out #(
      .SA_ENTRIES(SA_ENTRIES), .BUF_BEATS(BUF_BEATS), .FRAME_MAX(FRAME_MAX), .TEST_HOOKS(TEST_HOOKS)
  ) u_out (
      .clk_words(clk_room[espalier_pkg::ROOM_OUT_WORDS]),
      .clk_parse(clk_room[espalier_pkg::ROOM_OUT_PARSE]),
      .clk_admit(clk_room[espalier_pkg::ROOM_OUT_ADMIT]),
      .clk_prefix(clk_room[espalier_pkg::ROOM_OUT_PREFIX]),
      .clk_clear(clk_room[espalier_pkg::ROOM_OUT_CLEAR]), .rst(rst_q[RST_OUT]),
      .need_words(rooms[espalier_pkg::ROOM_OUT_WORDS]),
      .need_parse(rooms[espalier_pkg::ROOM_OUT_PARSE]),
      .need_admit(rooms[espalier_pkg::ROOM_OUT_ADMIT]),
      .need_prefix(rooms[espalier_pkg::ROOM_OUT_PREFIX]),
      .need_clear(rooms[espalier_pkg::ROOM_OUT_CLEAR]), .init_done(out_init), .idle(out_idle),
      .cfg_nonip_bypass(cfg_out_nonip_bypass), .cfg_arp_bypass(cfg_out_arp_bypass),
      .s_tvalid(tx_tvalid), .s_tready(tx_tready), .s_tdata(tx_tdata), .s_tkeep(tx_tkeep),
      .s_tlast(tx_tlast), .s_terr(tx_terr), .s_user(tx_user),
      .m_tvalid(m_axis_wire_tvalid), .m_tready(m_axis_wire_tready), .m_tdata(m_axis_wire_tdata),
      .m_tkeep(m_axis_wire_tkeep), .m_tlast(m_axis_wire_tlast),
      .done_valid, .done_ready, .done,
      .stat_in_valid(stat_tx_in_valid), .stat_in(stat_tx_in), .stat_valid(stat_tx_valid),
      .stat(stat_tx), .ev_valid(ev_out_valid), .ev(ev_out),
      .spd_req_valid(o_req_valid), .spd_req_ready(o_req_ready), .spd_req(o_req),
      .spd_res_valid(o_res_valid), .spd_res_ready(o_res_ready), .spd_res(o_res),
      .gcm_cmd_valid(a_cmd_valid), .gcm_cmd_ready(a_cmd_ready), .gcm_cmd_key(a_cmd_key),
      .gcm_cmd_decrypt(a_cmd_decrypt), .gcm_cmd_iv(a_cmd_iv), .gcm_cmd_aad_len(a_cmd_aad_len),
      .gcm_cmd_len(a_cmd_len), .gcm_s_tvalid(a_s_tvalid), .gcm_s_tready(a_s_tready),
      .gcm_s_tdata(a_s_tdata), .gcm_m_valid(a_m_valid), .gcm_m_data(a_m_data),
      .gcm_m_last(a_m_last), .gcm_m_icv(a_m_icv),
      .tbl_valid(tbl_valid_out), .tbl_op, .tbl_index, .tbl_wdata(tbl_wdata_out), .tbl_ack(tbl_ack_out),
      .tbl_res(tbl_res_out), .tbl_rdata(tbl_rdata_out), .tbl_busy(table_busy), .live_idx(live_slot),
      .live_q(live_out));

  esp_in #(
      .SA_ENTRIES(SA_ENTRIES), .WINDOW_MAX(WINDOW_MAX), .BUF_BEATS(BUF_BEATS),
      .NUM_QUEUES(NUM_QUEUES), .FRAME_MAX(FRAME_MAX), .TEST_HOOKS(TEST_HOOKS), .USER_W(1)
  ) u_in (
      .clk(clk_room[espalier_pkg::ROOM_IN]), .rst(rst_q[RST_IN]), .init_done(in_init), .idle(in_idle),
      .busy(in_busy),
      .s_tvalid(s_axis_wire_tvalid && init_done && port_open), .s_tready(in_tready),
      .s_tdata(s_axis_wire_tdata), .s_tkeep(s_axis_wire_tkeep), .s_tlast(s_axis_wire_tlast),
      .s_terr(wire_terr),
      .m_tvalid(rx_tvalid), .m_tready(rx_tready), .m_tdata(rx_tdata), .m_tkeep(rx_tkeep),
      .m_tlast(rx_tlast), .m_meta(rx_meta),
      .stat_in_valid(stat_rx_in_valid), .stat_in(stat_rx_in), .stat_valid(stat_rx_valid),
      .stat(stat_rx), .stat_ovf_valid, .stat_ovf, .ev_valid(ev_in_valid), .ev(ev_in),
      .spd_req_valid(i_req_valid), .spd_req_ready(i_req_ready), .spd_req(i_req),
      .spd_res_valid(i_res_valid), .spd_res_ready(i_res_ready), .spd_res(i_res),
      .gcm_cmd_valid(b_cmd_valid), .gcm_cmd_ready(b_cmd_ready), .gcm_cmd_key(b_cmd_key),
      .gcm_cmd_decrypt(b_cmd_decrypt), .gcm_cmd_iv(b_cmd_iv), .gcm_cmd_aad_len(b_cmd_aad_len),
      .gcm_cmd_len(b_cmd_len), .gcm_cmd_user(b_cmd_user), .gcm_s_tvalid(b_s_tvalid),
      .gcm_s_tready(b_s_tready), .gcm_s_tdata(b_s_tdata), .gcm_m_valid(b_m_valid),
      .gcm_m_data(b_m_data), .gcm_m_last(b_m_last), .gcm_m_icv(b_m_icv),
      .tbl_valid(tbl_valid_in), .tbl_op, .tbl_table, .tbl_index, .tbl_wdata(tbl_wdata_in),
      .tbl_ack(tbl_ack_in), .tbl_res(tbl_res_in), .tbl_rdata(tbl_rdata_in), .live_slot,
      .live(live_in), .mac(cfg_mac), .promisc(cfg_promisc), .nonip_bypass(cfg_in_nonip_bypass),
      .arp_bypass(cfg_in_arp_bypass), .queue_mask(cfg_queue_mask));

  // ----------------------------------------------------------------- wake up
  // What comes from outside a room, and what the room itself has left to do.
  // `table_busy` covers live_slot, which has no valid.
  assign rooms[espalier_pkg::ROOM_IN] =
      (s_axis_wire_tvalid && init_done && port_open) || in_busy || table_busy;
  assign rooms[espalier_pkg::ROOM_SPD] = spd_busy || table_busy;
  assign need = look ? rooms : '0;
  wake_hold #(
      .N(espalier_pkg::ROOMS), .MID(espalier_pkg::ROOMS_MID), .LONG(espalier_pkg::ROOMS_LONG)
  ) u_wake (
      .clk, .rst(rst_any), .need, .wake);

  // RLAST repeats what the burst's length said. The key port's client is told
  // by cmd ports of their own; the receive stream's length by its meta.
  logic unused;
  assign unused = &{1'b0, m_axi_rlast, rx_tkeep, a_m_icv_valid, b_m_icv_valid, a_m_user, b_m_user};
endmodule
