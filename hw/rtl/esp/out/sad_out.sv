// SPDX-License-Identifier: Apache-2.0
//
// sad_out: the outbound security associations, and the admission of frames
// under them. The one place where a sequence number is given out.
//
// A pass reads an entry, decides, and writes its state back: 6 cycles from
// issue to decision, a pass every 4 cycles. At most two passes overlap; the
// state last written is kept beside the RAM, so a pass on the same slot always
// sees the one before it. Table operations are passes too, so each of them is
// atomic between two frames. Frames that need no SA go along in order, at the same
// pace.
//
// Order of the checks: parity, live and generation, mode, size, limits,
// sequence number. What is refused uses up neither number nor lifetime.
//
// Sequence numbers (RFC 4303 section 2.2.1, 3.3.3): the next one is the last
// plus one; after 2^32 - 1, or 2^64 - 1 with ESN, the SA stops. The event is
// raised by the first frame that is refused. Nothing but OP_DELETE and OP_ADD,
// which bring another key, makes it go on.
//
// Limits: the frame with which a hard limit is reached or passed is the last
// one; it is protected, and the SA stops and says so. OP_UPDATE clears the limit
// flags of the status; if what has passed is beyond the new limits already, the
// next frame is refused.
//
// The parity of the three RAM words is checked in every pass. A mismatch stops
// the SA: the flag is written into a fresh state word, since the old one may be
// the corrupted one. OP_CORRUPT flips the parity bit of the first word, the
// second or the third as bits 1:0 of the data are 0, 1 or 2.
//
// live_idx -> live_q: 2 cycles.
module sad_out #(
    parameter int SA_ENTRIES = 1024,
    parameter int FRAME_MAX = 9216,
    parameter int TEST_HOOKS = 0,
    parameter int KW = $clog2(SA_ENTRIES)
) (
    input  logic                              clk,
    input  logic                              rst,
    output logic                              init_done,
    // frames
    input  logic                              req_valid,
    output logic                              req_ready,
    input  espalier_out_pkg::req_t            req,
    input  logic                              room,       // for 9 more frames behind
    output logic                              job_valid,  // one a frame, in order
    output espalier_out_pkg::prefix_job_t     job_prefix,
    output espalier_out_pkg::body_job_t       job_body,
    output espalier_out_pkg::end_t            job_end,
    input  logic                              core_done,  // a packet has left the cipher
    output logic                              ev_valid,
    output espalier_pkg::event_t              ev,
    output logic                              ev_busy,    // more events will come
    output logic                              moves,      // something happens in this cycle
    // tables
    input  logic                              tbl_valid,
    input  logic                     [   3:0] tbl_op,
    input  logic                     [  15:0] tbl_index,
    input  logic                     [1023:0] tbl_wdata,
    output logic                              tbl_ack,
    output logic                     [   3:0] tbl_res,
    output logic                     [1023:0] tbl_rdata,
    input  logic                     [KW-1:0] live_idx,
    output logic                              live_q
);
  // ------------------------------------------------------------- entry words
  // cfg: written by OP_ADD. flags without the reserved bits 23:16.
  localparam int CFG_W = 24 + 32 + 15 + 16 + 20 + 128 + 128;
  // lim: mtu, soft_bytes, hard_bytes, soft_packets, hard_packets
  localparam int LIM_W = 16 + 4 * 64;
  // st: status, packets, bytes, seq
  localparam int ST_W = 6 + 3 * 64;

  localparam int LIVE = 0;
  localparam int SEQ_STOP = 1;
  localparam int HARD = 2;
  localparam int SOFT_BYTES = 3;
  localparam int SOFT_PACKETS = 4;
  localparam int PARITY = 5;

  logic [CFG_W-1:0] t_cfg;
  logic [LIM_W-1:0] t_lim;
  logic [63:0]      t_seq;
  assign t_cfg = {
    tbl_wdata[31:24], tbl_wdata[15:0],          // flags
    tbl_wdata[63:32],                           // spi
    tbl_wdata[78:64], tbl_wdata[95:80],         // generation, reqid
    tbl_wdata[115:96],                          // flow label
    tbl_wdata[32*5+:128], tbl_wdata[32*9+:128]  // source, destination
  };
  assign t_lim = {
    tbl_wdata[32*4+:16], tbl_wdata[32*15+:64], tbl_wdata[32*17+:64], tbl_wdata[32*19+:64],
    tbl_wdata[32*21+:64]
  };
  assign t_seq = tbl_wdata[32*13+:64];

  // ------------------------------------------------------------ table control
  localparam logic [2:0] T_IDLE = 3'd0;
  localparam logic [2:0] T_WAIT = 3'd1;   // for the pass to be issued
  localparam logic [2:0] T_PASS = 3'd2;
  localparam logic [2:0] T_DRAIN = 3'd3;
  localparam logic [2:0] T_REFUSE = 3'd4;
  localparam logic [2:0] T_GAP = 3'd5;    // the master drops tbl_valid
  logic [2:0] t_state;
  logic       t_wait;                     // t_state is T_WAIT
  logic       t_issue;
  logic       t_bad_value;
  logic       t_cfg_par, t_lim_par;
  logic       t_add, t_update, t_delete, t_read, t_corrupt;
  logic [KW-1:0] t_slot;
  logic       t_known, t_index_ok;
  logic [3:0] t_refusal;

  assign t_known = (tbl_op == espalier_pkg::OP_READ) || (tbl_op == espalier_pkg::OP_ADD) ||
                   (tbl_op == espalier_pkg::OP_UPDATE) || (tbl_op == espalier_pkg::OP_DELETE) ||
                   ((tbl_op == espalier_pkg::OP_CORRUPT) && (TEST_HOOKS != 0));
  assign t_index_ok = ({16'd0, tbl_index} < SA_ENTRIES);

  // In registers, since the table bus comes from afar; it stands still long
  // before the pass uses them.
  always_ff @(posedge clk) begin
    if (tbl_valid) begin
      t_slot      <= tbl_index[KW-1:0];
      t_read      <= (tbl_op == espalier_pkg::OP_READ);
      t_add       <= (tbl_op == espalier_pkg::OP_ADD);
      t_update    <= (tbl_op == espalier_pkg::OP_UPDATE);
      t_delete    <= (tbl_op == espalier_pkg::OP_DELETE);
      t_corrupt   <= (TEST_HOOKS != 0) && (tbl_op == espalier_pkg::OP_CORRUPT);
      t_cfg_par   <= ^t_cfg;
      t_lim_par   <= ^t_lim;
      t_bad_value <= (tbl_wdata[4:3] == 2'd3) ||             // ICV code
                     (tbl_wdata[6:5] == 2'd3) ||             // DF code
                     (tbl_wdata[23:16] != 8'd0) ||           // reserved flags
                     (tbl_wdata[63:32] == 32'd0) ||          // SPI (RFC 4303 section 2.1)
                     (tbl_wdata[78:64] == 15'd0) ||          // generation
                     (!tbl_wdata[2] && (t_seq[63:32] != 0)); // number beyond 32 bits without ESN
    end
  end

  // ------------------------------------------------------------------- issue
  logic       issue, sa_issue, ev_room;
  logic [2:0] gap;   // cycles until the next pass may begin
  logic       open;  // gap is 0
  logic       may;   // frames may go: room behind
  assign t_issue   = t_wait && open;
  assign req_ready = may && open && !t_wait;
  assign issue     = req_valid && req_ready;
  assign sa_issue  = t_issue || (issue && !req.fixed);

  logic [KW-1:0] issue_slot;
  assign issue_slot = t_wait ? t_slot : req.handle[KW-1:0];

  logic [6:1] f_v;   // a frame
  logic [5:1] sa_v;  // a pass
  logic [7:1] t_v;   // a pass of the table port
  always_ff @(posedge clk) begin
    if (rst) begin
      f_v  <= '0;
      sa_v <= '0;
      t_v  <= '0;
      gap  <= 3'd0;
      open <= 1'b1;
      may  <= 1'b0;
    end else begin
      f_v  <= {f_v[5:1], issue};
      sa_v <= {sa_v[4:1], sa_issue};
      t_v  <= {t_v[6:1], t_issue};
      may  <= init_done && room && ev_room;
      // The pass behind a table pass reads what that one has written.
      if (t_issue || issue) begin
        gap  <= t_issue ? 3'd7 : 3'd3;
        open <= 1'b0;
      end else if (gap != 3'd0) begin
        gap  <= gap - 3'd1;
        open <= (gap == 3'd1);
      end
    end
  end

  espalier_out_pkg::req_t r1, r5;  // in stages 1 to 4, from stage 5 on
  logic [13:0] pad3;  // datagram and trailer, brought to 4 bytes
  logic [KW-1:0] slot1, slot2, slot3, slot6;
  always_ff @(posedge clk) begin
    if (issue) r1 <= req;
    if (f_v[2]) pad3 <= (r1.len + 14'd5) & 14'h3ffc;
    if (f_v[4]) r5 <= r1;
    if (sa_issue) slot1 <= issue_slot;
    if (sa_v[1]) slot2 <= slot1;
    if (sa_v[2]) slot3 <= slot2;  // stands still until the next pass is here
    if (sa_v[5]) slot6 <= slot3;
  end

  // -------------------------------------------------------------------- RAMs
  logic cfg_we, lim_we, st_we;
  logic [KW-1:0] waddr;
  logic [CFG_W:0] cfg_wdata, cfg_q;
  logic [LIM_W:0] lim_wdata;
  logic [KW:0] init_idx;
  logic [ST_W:0] st_wdata, st_q;

  // One memory for cfg, below, and lim, above, which is wanted later only: it is
  // read a cycle behind cfg and written a cycle before. Both memories read when a pass may
  // be issued, whether one is or not: what was read before has been taken by then.
  ram_1r1w #(
      .WIDTH(CFG_W + 1),
      .DEPTH(2 * SA_ENTRIES)
  ) u_cfg (
      .clk  (clk),
      .we   (cfg_we || lim_we),
      .waddr(!init_done ? init_idx : lim_we ? {1'b1, slot3} : {1'b0, slot6}),
      .wdata(lim_we ? (CFG_W + 1)'(lim_wdata) : cfg_wdata),
      .re   (open || sa_v[1]),
      .raddr(sa_v[1] ? {1'b1, slot1} : {1'b0, issue_slot}),
      .rdata(cfg_q)
  );
  ram_1r1w #(
      .WIDTH(ST_W + 1),
      .DEPTH(SA_ENTRIES)
  ) u_st (
      .clk  (clk),
      .we   (st_we),
      .waddr(waddr),
      .wdata(st_wdata),
      .re   (open),
      .raddr(issue_slot),
      .rdata(st_q)
  );
  ram_narrow #(
      .WIDTH(1),
      .DEPTH(SA_ENTRIES)
  ) u_live (
      .clk  (clk),
      .we   (st_we),
      .waddr(waddr),
      .wdata(st_wdata[3*64+LIVE]),
      .re   (1'b1),
      .raddr(live_idx),
      .rdata(live_q)
  );

  // ------------------------------------------- stage 2: the entry is in hand
  logic hold_valid;
  logic hit3;
  logic [ST_W-1:0] hold;
  logic [CFG_W:0] cfg;
  logic [LIM_W:0] lim;  // stands from stage 4 on
  logic [ST_W:0] st;
  logic hit2;
  assign hit2 = hold_valid && (slot6 == slot2);

  always_ff @(posedge clk) begin
    if (sa_v[2]) begin
      cfg  <= cfg_q;
      st   <= hit2 ? {1'b0, hold} : st_q;
      hit3 <= hit2;
    end
    if (sa_v[3]) lim <= cfg_q[LIM_W:0];
  end

  logic         a_tunnel, a_v6, a_esn, a_dscp_copy, a_ecn;
  logic [  1:0] a_icv, a_df;
  logic [  5:0] a_dscp;
  logic [  7:0] a_ttl;
  logic [ 31:0] a_spi;
  logic [ 14:0] a_gen;
  logic [ 15:0] a_reqid;
  logic [ 19:0] a_flow;
  logic [127:0] a_src, a_dst;
  logic         a_replay;
  assign {a_ttl, a_replay, a_ecn, a_dscp, a_dscp_copy, a_df, a_icv, a_esn, a_v6, a_tunnel, a_spi,
          a_gen, a_reqid, a_flow, a_src, a_dst} = cfg[CFG_W-1:0];

  logic [15:0] l_mtu;
  logic [63:0] l_soft_bytes, l_hard_bytes, l_soft_packets, l_hard_packets;
  assign {l_mtu, l_soft_bytes, l_hard_bytes, l_soft_packets, l_hard_packets} = lim[LIM_W-1:0];

  logic [ 5:0] s_status;
  logic [63:0] s_packets, s_bytes, s_seq;
  assign {s_status, s_packets, s_bytes, s_seq} = st[ST_W-1:0];

  // ------------------------------------------------- stage 3: sums and parity
  // Padding brings text, pad length and next header to 4 bytes (RFC 4303
  // section 2.4). Around that go ESP header, IV, ICV and the header of a tunnel.
  logic [13:0] around3;
  always_comb begin
    around3 = 14'd32 - {10'd0, a_icv, 2'd0};
    if (a_tunnel) around3 = (a_v6 ? 14'd72 : 14'd52) - {10'd0, a_icv, 2'd0};
  end
  logic [63:0] seq4, bytes4, packets4;
  logic        seq_end4, bad4, named4;
  logic [13:0] plain4, padded4, outer4, outer_max4;
  logic [16:0] src_sum4, dst_sum4;
  always_ff @(posedge clk) begin
    if (sa_v[3]) begin
      seq4     <= s_seq + 64'd1;
      bytes4   <= s_bytes + {50'd0, r1.len};
      packets4 <= s_packets + 64'd1;
      seq_end4 <= (&s_seq[31:0]) && (a_esn ? (&s_seq[63:32]) : 1'b1);
      bad4     <= (^cfg) || (!hit3 && (^st));
      named4   <= s_status[LIVE] && (r1.handle[30:16] == a_gen) && !r1.handle[31] &&
                  ({16'd0, r1.handle[15:0]} < SA_ENTRIES);
      plain4   <= a_tunnel ? r1.len : r1.len - {7'd0, r1.hdr_len};
      // Headers are multiples of 4: that of transport mode, which is no plaintext but
      // is part of the result, is in both or in neither.
      padded4  <= a_tunnel ? pad3 : pad3 - {7'd0, r1.hdr_len};
      outer4   <= pad3 + around3;
      outer_max4 <= 14'(FRAME_MAX + 2) - {9'd0, r1.l2_words, 2'd0};
      src_sum4 <= {1'b0, a_src[31:16]} + {1'b0, a_src[15:0]};
      dst_sum4 <= {1'b0, a_dst[31:16]} + {1'b0, a_dst[15:0]};
    end
  end

  // -------------------------------------------------- stage 4: limits, lengths
  logic        was_bytes5, was_packets5, hard_bytes5, hard_packets5;  // limit reached before, with this one
  logic        soft_bytes5, soft_packets5, bad5;
  logic        was_bytes4, was_packets4, dead5, mode5, big5, expire5, wrap5;
  logic        able5;   // known, and what it asks for is possible
  logic        frame5;  // a frame's pass: its state is written
  logic [13:0] padded5, outer5, wire5;
  logic [17:0] addr_sum5;
  assign was_bytes4   = (l_hard_bytes != 64'd0) && (s_bytes >= l_hard_bytes);
  assign was_packets4 = (l_hard_packets != 64'd0) && (s_packets >= l_hard_packets);
  always_ff @(posedge clk) begin
    frame5 <= sa_v[4] && !t_v[4] && !rst;
    if (sa_v[4]) begin
      was_bytes5    <= was_bytes4;
      was_packets5  <= was_packets4;
      hard_bytes5   <= (l_hard_bytes != 64'd0) && (bytes4 >= l_hard_bytes);
      hard_packets5 <= (l_hard_packets != 64'd0) && (packets4 >= l_hard_packets);
      soft_bytes5   <= (l_soft_bytes != 64'd0) && (bytes4 >= l_soft_bytes) &&
                       !s_status[SOFT_BYTES];
      soft_packets5 <= (l_soft_packets != 64'd0) && (packets4 >= l_soft_packets) &&
                       !s_status[SOFT_PACKETS];
      padded5       <= padded4;
      bad5          <= bad4 || (^lim);
      dead5         <= bad4 || (^lim) || s_status[PARITY];
      mode5         <= !a_tunnel && (r1.frag || r1.too_long);
      able5         <= named4 && (a_tunnel || (!r1.frag && !r1.too_long));
      big5          <= (outer4 > outer_max4) || ((l_mtu != 16'd0) && ({2'd0, outer4} > l_mtu));
      expire5       <= s_status[HARD] || (!s_status[SEQ_STOP] && (was_bytes4 || was_packets4));
      wrap5         <= s_status[SEQ_STOP] || seq_end4;
      outer5        <= outer4;
      wire5         <= outer4 + {9'd0, r1.l2_words, 2'd0} - 14'd2;
      addr_sum5     <= {1'b0, src_sum4} + {1'b0, dst_sum4};
    end
  end

  // ------------------------------------------------------ stage 5: the verdict
  logic       ok5;
  logic [5:0] code5;

  always_comb begin
    if (r5.fixed) code5 = r5.code;
    else if (dead5) code5 = espalier_pkg::TX_PARITY;
    else if (!named4)
      code5 = r5.from_policy ? espalier_pkg::TX_NO_STATE : espalier_pkg::TX_HANDLE_STALE;
    else if (mode5) code5 = espalier_pkg::TX_MODE_ERROR;
    else if (big5) code5 = espalier_pkg::TX_TOO_BIG;
    else if (expire5) code5 = espalier_pkg::TX_STATE_EXPIRED;
    else if (wrap5) code5 = espalier_pkg::TX_SEQ_OVERFLOW;
    else code5 = espalier_pkg::TX_PROTECTED;
  end
  assign ok5 = !r5.fixed && (code5 == espalier_pkg::TX_PROTECTED);

  // The table port's pass.
  logic [3:0] t_res5;
  always_comb begin
    t_res5 = espalier_pkg::RES_OK;
    if (t_add) begin
      // a slot is freed by OP_DELETE only, corrupted or not
      if (s_status[LIVE] || dead5) t_res5 = espalier_pkg::RES_EXISTS;
      else if (t_bad_value) t_res5 = espalier_pkg::RES_VALUE;
    end else if (t_delete) begin
      if (!s_status[LIVE] && !dead5) t_res5 = espalier_pkg::RES_ABSENT;
    end else begin
      if (dead5) t_res5 = espalier_pkg::RES_PARITY;
      else if (!s_status[LIVE]) t_res5 = espalier_pkg::RES_ABSENT;
    end
  end

  // ------------------------------------------------------- stage 6: the effect
  // That of a table pass comes a cycle later, since nothing is close behind it.
  logic       st_we6, lim_we6, cfg_we7, corrupt7;
  logic [5:0] code6;
  logic       ok6;
  logic       sa_known6;
  logic [13:0] clear6;  // frame bytes if it goes in clear
  logic [3:0] t_res6;
  logic [6:0] ev6;  // as out_events wants it
  always_ff @(posedge clk) begin
    if (f_v[5] || sa_v[5]) begin
      code6     <= code5;
      ok6       <= ok5;
      sa_known6 <= !r5.fixed && named4;
      clear6    <= r5.data_len + {9'd0, r5.l2_words, 2'd0} - 14'd2;
    end
    if (t_v[5]) t_res6 <= t_res5;
    corrupt7 <= t_v[6] && t_corrupt;
    if (rst) begin
      hold_valid <= 1'b0;
      hold       <= '0;
      st_we6     <= 1'b0;
      lim_we6    <= 1'b0;
      cfg_we7    <= 1'b0;
      ev6        <= 7'd0;
    end else begin
      st_we6  <= 1'b0;
      cfg_we7 <= 1'b0;
      ev6     <= 7'd0;
      lim_we6 <= t_v[5] && (t_res5 == espalier_pkg::RES_OK) &&
                 (t_add || t_update || t_delete || (t_corrupt && (tbl_wdata[1:0] == 2'd1)));
      if (t_v[6]) begin
        hold_valid <= 1'b1;
        hold       <= st[ST_W-1:0];
        if (t_res6 == espalier_pkg::RES_OK) begin
          st_we6 <= t_add || t_update || t_delete;
          if (t_add) begin
            hold    <= {6'd1 << LIVE, 64'd0, 64'd0, t_seq};
            cfg_we7 <= 1'b1;
          end
          if (t_update) begin
            hold[3*64+HARD]         <= 1'b0;
            hold[3*64+SOFT_BYTES]   <= 1'b0;
            hold[3*64+SOFT_PACKETS] <= 1'b0;
          end
          if (t_delete) begin
            hold    <= '0;
            cfg_we7 <= 1'b1;
          end
          if (t_corrupt) begin
            cfg_we7    <= (tbl_wdata[1:0] == 2'd0);
            st_we6     <= tbl_wdata[1];
            hold_valid <= 1'b0;
          end
        end else if (bad5) begin
          hold_valid <= 1'b0;  // keep no copy of what may be corrupted
        end
      end else if (frame5) begin
        hold_valid <= 1'b1;
        hold       <= st[ST_W-1:0];
        st_we6     <= 1'b1;
        if (dead5) hold[3*64+PARITY] <= 1'b1;
        else if (able5 && !big5) begin
          if (expire5) hold[3*64+HARD] <= 1'b1;
          else if (wrap5) hold[3*64+SEQ_STOP] <= 1'b1;
          else begin
            hold[3*64+HARD]         <= hard_bytes5 || hard_packets5;
            hold[3*64+SOFT_BYTES]   <= s_status[SOFT_BYTES] || soft_bytes5;
            hold[3*64+SOFT_PACKETS] <= s_status[SOFT_PACKETS] || soft_packets5;
            hold[191:0]             <= {packets4, bytes4, seq4};
          end
        end
        ev6[5] <= bad5 && !s_status[PARITY];
        ev6[6] <= (code5 == espalier_pkg::TX_NO_STATE);
        ev6[0] <= ok5 && soft_bytes5;
        ev6[2] <= ok5 && soft_packets5;
        ev6[1] <= (ok5 && hard_bytes5) ||
                  ((code5 == espalier_pkg::TX_STATE_EXPIRED) && !s_status[HARD] && was_bytes5);
        ev6[3] <= (ok5 && hard_packets5) ||
                  ((code5 == espalier_pkg::TX_STATE_EXPIRED) && !s_status[HARD] && was_packets5);
        ev6[4] <= (code5 == espalier_pkg::TX_SEQ_OVERFLOW) && !s_status[SEQ_STOP];
      end
    end
  end

  // ------------------------------------------------------ writes, and the walk
  assign waddr  = init_done ? slot6 : init_idx[KW-1:0];
  assign cfg_we = !init_done || cfg_we7;
  assign lim_we = lim_we6;
  assign st_we  = !init_done || st_we6;
  always_comb begin
    if (!init_done || t_delete) cfg_wdata = '0;
    else if (t_corrupt)
      cfg_wdata = {!cfg[CFG_W], cfg[CFG_W-1:0]};
    else cfg_wdata = {t_cfg_par, t_cfg};
    if (t_delete) lim_wdata = '0;
    else if (t_corrupt)
      lim_wdata = {!lim[LIM_W], lim[LIM_W-1:0]};
    else lim_wdata = {t_lim_par, t_lim};
    st_wdata = {(^hold) ^ corrupt7, hold};  // zero until the walk is over
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      init_done <= 1'b0;
      init_idx  <= '0;
    end else if (!init_done) begin
      init_idx  <= init_idx + 1'b1;
      init_done <= &init_idx;
    end
  end

  // ---------------------------------------------------- frames on their way out
  always_comb begin
    job_valid = f_v[6];

    job_prefix.kind      = ok6 ? espalier_out_pkg::OUT_PROTECT :
                           (r5.fixed && (code6 == espalier_pkg::TX_BYPASSED)) ?
                           espalier_out_pkg::OUT_CLEAR : espalier_out_pkg::OUT_DROP;
    job_prefix.tunnel    = a_tunnel;
    job_prefix.v6        = a_v6;
    job_prefix.dscp_copy = a_dscp_copy;
    job_prefix.dscp      = a_dscp;
    job_prefix.ecn       = a_ecn;
    job_prefix.df        = a_df;
    job_prefix.ttl       = a_ttl;
    job_prefix.flow      = a_flow;
    job_prefix.src       = a_src;
    job_prefix.dst       = a_dst;
    job_prefix.addr_sum  = addr_sum5;
    job_prefix.spi       = a_spi;
    job_prefix.seq       = seq4;
    job_prefix.outer_len = outer5;
    job_prefix.body_len  = ok6 ? padded5 : r5.data_len;
    job_prefix.icv_words = ok6 ? 3'd4 - {1'b0, a_icv} : 3'd0;

    job_body.kind        = job_prefix.kind;
    job_body.data_len    = r5.data_len;
    job_body.skip        = a_tunnel ? 5'd0 : r5.hdr_len[6:2];
    job_body.plain_len   = plain4;
    job_body.padded_len  = padded5;
    job_body.tunnel      = a_tunnel;
    job_body.v6          = r5.v6;
    job_body.nh_off      = r5.nh_off;
    job_body.spi         = a_spi;
    job_body.seq         = seq4;
    job_body.esn         = a_esn;
    job_body.slot        = r5.handle[15:0];

    job_end.sent   = (job_prefix.kind != espalier_out_pkg::OUT_DROP);
    job_end.qid    = r5.qid;
    job_end.index  = r5.index;
    job_end.code   = code6;
    job_end.handle = sa_known6 ? r5.handle[30:0] : 31'd0;
    job_end.seq    = ok6 ? seq4[31:0] : 32'd0;
    job_end.len    = ok6 ? wire5 : job_end.sent ? clear6 : r5.frame_len;
  end

  // One record a frame that has any, and at most six frames are on their way.
  out_events u_events (
      .clk     (clk),
      .rst     (rst),
      .s_mask  (ev6),
      .s_handle(r5.handle),
      .s_policy(r5.policy),
      .room    (ev_room),
      .busy    (ev_busy),
      .ev_valid(ev_valid),
      .ev      (ev)
  );

  // ------------------------------------------------------- the drain of OP_DELETE
  // Numbers of packets admitted and of packets that have left the cipher,
  // modulo 256; never more than 127 apart.
  logic [7:0] admitted, left, mark, since;
  logic drained;
  assign since   = left - mark;
  assign drained = !since[7];
  always_ff @(posedge clk) begin
    if (rst) begin
      admitted <= 8'd0;
      left     <= 8'd0;
    end else begin
      if (f_v[6] && ok6) admitted <= admitted + 8'd1;
      if (core_done) left <= left + 8'd1;
    end
    if (t_v[6]) mark <= admitted;
  end

  logic stirs;
  assign stirs = !init_done || (f_v != '0) || (sa_v != '0) || (t_v != '0) || (gap != 3'd0) ||
                 ev_busy || (t_state != T_IDLE);
  assign moves = stirs || issue || core_done || tbl_valid;

  // ------------------------------------------------------------- table answers
  logic pass_done, pass_drains;
  assign pass_done   = t_v[7];
  assign pass_drains = t_delete && (t_res6 == espalier_pkg::RES_OK);
  always_comb begin
    tbl_ack = (pass_done && !pass_drains) || (t_state == T_REFUSE) ||
              ((t_state == T_DRAIN) && drained);
    tbl_res = (t_state == T_REFUSE) ? t_refusal : t_res6;
    tbl_rdata = '0;
    if (pass_done && t_read &&
        ((t_res6 == espalier_pkg::RES_OK) || (t_res6 == espalier_pkg::RES_PARITY))) begin
      tbl_rdata[31:0]       = {cfg[CFG_W-1-:8], 8'd0, cfg[CFG_W-9-:16]};
      tbl_rdata[63:32]      = a_spi;
      tbl_rdata[95:64]      = {a_reqid, 1'b0, a_gen};
      tbl_rdata[127:96]     = {12'd0, a_flow};
      tbl_rdata[159:128]    = {16'd0, l_mtu};
      tbl_rdata[32*5+:128]  = a_src;
      tbl_rdata[32*9+:128]  = a_dst;
      tbl_rdata[32*13+:64]  = s_seq;
      tbl_rdata[32*15+:256] = {l_hard_packets, l_soft_packets, l_hard_bytes, l_soft_bytes};
      tbl_rdata[32*23+:64]  = s_bytes;
      tbl_rdata[32*25+:64]  = s_packets;
      tbl_rdata[32*27+:32]  = {26'd0, s_status[5] || (t_res6 == espalier_pkg::RES_PARITY),
                               s_status[4:0]};
    end
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      t_state <= T_IDLE;
      t_wait  <= 1'b0;
    end else begin
      case (t_state)
        T_IDLE:
        if (tbl_valid && init_done) begin
          t_refusal <= !t_known ? espalier_pkg::RES_OP : espalier_pkg::RES_INDEX;
          t_state   <= (t_known && t_index_ok) ? T_WAIT : T_REFUSE;
          t_wait    <= t_known && t_index_ok;
        end
        T_WAIT:
        if (t_issue) begin
          t_state <= T_PASS;
          t_wait  <= 1'b0;
        end
        T_PASS: if (pass_done) t_state <= pass_drains ? T_DRAIN : T_GAP;
        T_DRAIN: if (drained) t_state <= T_GAP;
        T_REFUSE: t_state <= T_GAP;
        default: t_state <= T_IDLE;
      endcase
    end
  end

  logic unused_bits;
  assign unused_bits = (^r5) ^ (^since) ^ a_replay ^ (^tbl_wdata[1023:736]) ^ tbl_wdata[79] ^ (^tbl_wdata[127:116]) ^
                       (^tbl_wdata[159:144]);
endmodule
