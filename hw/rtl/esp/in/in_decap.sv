// SPDX-License-Identifier: Apache-2.0
//
// in_decap: from a verified packet to the datagram it carried.
//
// Takes the frames in order: what classification knew (f_*), how admission
// ended (a_*), and for ESP the record of in_verify (t_*). Works out the trailer
// (RFC 4303 sections 2.4 to 2.7), the inner datagram of tunnel mode or the
// rebuilt header of transport mode, the ECN field (RFC 6040 section 4.2), and
// asks: the replay window to commit (c_*), the SPD about the selector (s_*).
// Hands on everything but those two answers: the case for the verdict (o_case) and
// what only delivery wants (o).
//
// Tunnel mode: the next header must be IPv4 or IPv6 and fit the datagram; what
// stands behind the datagram's own length is traffic flow padding and cut off.
// Transport mode: the header of the frame with next header, length and IPv4
// checksum rewritten. The selector is that of the rebuilt datagram: IPv6
// extension headers in the protected part (destination options, RFC 4303
// section 3.1.1) are walked on as l3_parse walks them, while they start in the
// first 64 bytes of layer 3; a chain that does not fit the datagram is an error
// of the inner packet.
//
// t_* are taken when they have been worked with, one or more cycles behind the
// others. 3 cycles a frame in clear, 4 for ESP and one more for each such extension header.
module in_decap #(
    parameter int SA_ENTRIES = 1024,
    parameter int SW = $clog2(SA_ENTRIES)
) (
    input  logic                    clk,
    input  logic                    rst,
    input  logic                    f_valid,
    output logic                    f_ready,
    input  esp_in_pkg::facts_t      f,
    input  logic                    a_valid,
    output logic                    a_ready,
    input  esp_in_pkg::admit_t      a,
    input  logic                    t_valid,
    output logic                    t_ready,
    input  esp_in_pkg::trailer_t    t,
    input  esp_in_pkg::inner_t      t_inner,
    output logic                    c_valid,
    input  logic                    c_ready,
    output logic [SW-1:0]           c_slot,
    output logic [63:0]             c_seq,
    output logic                    c_replay,
    output logic [12:0]             c_window,
    output logic                    s_valid,
    input  logic                    s_ready,
    output espalier_pkg::selector_t s_sel,
    output logic                    o_valid,
    input  logic                    o_ready,
    output esp_in_pkg::case_t       o_case,
    output esp_in_pkg::pass_t       o
);
  localparam logic [5:0] NONE = espalier_pkg::CODE_NONE;

  function logic [15:0] swap16(input logic [15:0] b);
    swap16 = {b[7:0], b[15:8]};
  endfunction
  function logic [9:0] words(input logic [13:0] n);
    words = n[13:4] + {9'd0, n[3:0] != 4'd0};
  endfunction

  localparam logic [1:0] D_IDLE = 2'd0;
  localparam logic [1:0] D_WORK = 2'd1;
  localparam logic [1:0] D_CODE = 2'd2;  // ESP: what the packet is
  localparam logic [1:0] D_SEND = 2'd3;
  logic [1:0] state;

  // Not every field is for this stage.
  /* verilator lint_off UNUSEDSIGNAL */
  esp_in_pkg::facts_t   kf;
  esp_in_pkg::admit_t   ka;
  esp_in_pkg::sa_t      sa;
  /* verilator lint_on UNUSEDSIGNAL */
  logic esp, k_esp, go, walk, walks;

  assign esp     = a.cls == esp_in_pkg::CLS_ESP;
  assign go      = state == D_IDLE && f_valid && a_valid && (!esp || t_valid);
  assign f_ready = go;
  assign a_ready = go;

  // Taken up before it is known whether all is there: `go` comes late.
  always_ff @(posedge clk) begin
    if (state == D_IDLE) begin
      kf    <= f;
      ka    <= a;
      k_esp <= esp;
    end
  end
  assign sa      = ka.sa;
  assign walks   = walk && k_esp && !sa.tunnel;
  assign t_ready = state == D_WORK && k_esp && !walks;
  /* verilator lint_off UNUSEDSIGNAL */
  espalier_pkg::selector_t fsel, isel;  // of the frame, of the inner datagram
  /* verilator lint_on UNUSEDSIGNAL */
  assign fsel = kf.sel;
  assign isel = t_inner.sel;

  // ------------------------------------------------------------------- ECN
  logic [1:0]  ecn_new;
  logic        ecn_drop, ecn_mark;
  logic [15:0] ecn_add;
  always_comb begin
    ecn_new = t_inner.ecn;
    if (t_inner.ecn != 2'b00 && kf.ecn == 2'b11) ecn_new = 2'b11;
    else if (t_inner.ecn == 2'b10 && kf.ecn == 2'b01) ecn_new = 2'b01;
    ecn_drop = sa.ecn && t_inner.ecn == 2'b00 && kf.ecn == 2'b11;
    ecn_mark = sa.ecn && ecn_new != t_inner.ecn;
    // What the change adds to the header's sum.
    ecn_add = (t_inner.ecn == 2'b01) ? 16'd2 : (ecn_new == 2'b11) ? 16'd1 : 16'hfffe;
  end

  // --------------------------------------------- the walk, transport mode
  // One header a cycle. w_pos counts units of 8 bytes in the plaintext; the
  // headers before ESP have used up the others of the 8 that may hold the start
  // of a header (hdr_len of a verified IPv6 frame is 40 to 64).
  logic [7:0]  w_nh;
  logic [8:0]  w_pos;
  logic        w_later, w_bad;  // behind a fragment's header; chain does not fit
  logic        w_is_ext;        // w_nh names an extension header
  logic [1:0]  places;
  logic        w_far;
  logic [31:0] w_here;
  logic [13:0] w_rest;

  always_comb begin
    case (w_pos[1:0])
      2'd0: w_here = isel.src[31:0];
      2'd1: w_here = isel.src[63:32];
      2'd2: w_here = isel.src[95:64];
      default: w_here = isel.src[127:96];
    endcase
  end
  assign places = 2'd0 - kf.hdr_len[4:3];  // 8 - hdr_len / 8
  assign w_far  = fsel.v6 && (w_pos[8:2] != 7'd0 || w_pos[1:0] > places);
  assign walk   = fsel.v6 && w_is_ext && !w_later && !w_bad && w_pos[8:2] == 7'd0 && w_pos[1:0] < places;
  assign w_rest = t.pay_len - {2'd0, w_pos, 3'd0};

  always_ff @(posedge clk) begin
    if (go) begin
      w_nh    <= t.nh;
      w_is_ext <= espalier_pkg::is_ext(t.nh);
      w_pos   <= 9'd0;
      w_later <= 1'b0;
      w_bad   <= f.hdr_len == 7'd40 && t.pay_len == 14'd0;  // an IPv6 header, and nothing
    end else if (state == D_WORK && walk) begin
      w_nh    <= w_here[7:0];
      w_is_ext <= espalier_pkg::is_ext(w_here[7:0]);
      w_pos   <= w_pos + 9'd1 + (w_nh == 8'd44 ? 9'd0 : {1'b0, w_here[15:8]});
      w_later <= w_nh == 8'd44 && (w_here[23:16] != 8'd0 || w_here[31:27] != 5'd0);
      w_bad   <= w_rest < 14'd8;
    end
  end

  // -------------------------------------------------- selector, transport mode
  // Whether its ports are there is found a cycle later, in D_CODE.
  espalier_pkg::selector_t tsel;
  logic has_ports, x_ports, icmp, t_bad;
  assign t_bad = fsel.v6 && (w_bad || {2'd0, w_pos, 3'd0} > t.pay_len);
  assign icmp = w_nh == 8'd1 || w_nh == 8'd58;
  assign has_ports = !w_later && !w_far &&
      ((w_nh == 8'd6 || w_nh == 8'd17 || w_nh == 8'd33 || w_nh == 8'd132 || w_nh == 8'd136)
      ? w_rest >= 14'd4 : icmp && w_rest >= 14'd2);
  always_comb begin
    tsel = kf.sel;
    tsel.proto = w_nh;
    tsel.ports_ok = 1'b1;
    tsel.sport = icmp ? {8'd0, w_here[7:0]} : swap16(w_here[15:0]);
    tsel.dport = icmp ? {8'd0, w_here[15:8]} : swap16(w_here[31:16]);
  end

  // --------------------------------------------------------------- the verdict
  logic [5:0]  code;
  logic [2:0]  job;
  logic        inner_fits, verified;
  logic [13:0] len_new;
  logic [15:0] add_len, add_nh;

  assign verified = k_esp && t.icv_ok;
  assign inner_fits = !t_inner.bad &&
      t_inner.kind == ((t.nh == 8'd4) ? espalier_pkg::KIND_IPV4 : espalier_pkg::KIND_IPV6);
  assign len_new = {7'd0, kf.hdr_len} + t.pay_len;
  assign add_len = esp_in_pkg::add1c(~{2'd0, kf.data_len}, {2'd0, len_new});
  assign add_nh = esp_in_pkg::add1c(~16'd50, {8'd0, t.nh});

  // Of a frame that is not ESP, or is not any more, the code stands. That of an ESP
  // packet follows a cycle later from what is found in D_WORK.
  logic x_fits, x_ecn_drop, x_t_bad, x_icv_ok, x_pad_ok;
  logic [7:0] x_nh;
  always_ff @(posedge clk) begin
    x_icv_ok   <= t.icv_ok;
    x_pad_ok   <= t.pad_ok;
    x_nh       <= t.nh;
    x_fits     <= inner_fits;
    x_ecn_drop <= ecn_drop;
    x_t_bad    <= t_bad;
    x_ports    <= has_ports;
  end

  always_comb begin
    code = NONE;
    job  = esp_in_pkg::CNT_NONE;
    if (!x_icv_ok) begin
      code = espalier_pkg::RX_AUTH_FAILED;
      job  = esp_in_pkg::CNT_AUTH;
    end else if (!x_pad_ok) code = espalier_pkg::RX_PAD_ERROR;
    else if (x_nh == 8'd59) code = espalier_pkg::RX_DUMMY;
    else begin
      if (sa.tunnel) begin
        if (x_nh != 8'd4 && x_nh != 8'd41) code = espalier_pkg::RX_MODE_ERROR;
        else if (!x_fits) code = espalier_pkg::RX_INNER_ERROR;
        else if (x_ecn_drop) code = espalier_pkg::RX_ECN_DROP;
      end else if (x_t_bad) code = espalier_pkg::RX_INNER_ERROR;
      if (code == NONE) job = esp_in_pkg::CNT_DELIVER;
    end
  end

  // ----------------------------------------------------- registers, requests
  logic c_pend, s_pend, c_done, s_done;
  logic [15:0] r_add_len, r_add_nh;
  esp_in_pkg::case_t rc;
  esp_in_pkg::pass_t r;

  always_ff @(posedge clk) begin
    if (state == D_WORK) begin
      rc.code      <= ka.code;
      rc.asked     <= ka.code == NONE && ka.cls == esp_in_pkg::CLS_CLEAR;
      rc.committed <= verified;
      rc.clear     <= !k_esp;
      rc.job       <= (ka.code == espalier_pkg::RX_REPLAY) ? esp_in_pkg::CNT_REPLAY :
                      (ka.code != espalier_pkg::RX_PARITY) ? esp_in_pkg::CNT_NONE :
                      ka.table_bad ? esp_in_pkg::CNT_TABLE : esp_in_pkg::CNT_PARITY;
      rc.handle    <= ka.hit ? {1'b1, sa.gen, sa.slot} : 32'd0;
      rc.reqid     <= sa.reqid;
      rc.bytes     <= !k_esp ? kf.data_len : sa.tunnel ? t_inner.len : len_new;

      r.qsel      <= k_esp ? sa.qsel : 9'd0;
      r.frame_len <= kf.frame_len;
      // worked out from the registers, below
      r.hashed          <= '0;
      r.clear           <= '0;
      r.handle          <= '0;
      r.fold            <= '0;
      r.need_b          <= '0;
      r.move.give       <= '0;
      r.move.drop       <= '0;
      r.prefix.csum_add <= '0;
      r.held      <= k_esp ? (t.icv_ok ? words(ka.ct_len) : 10'd0)
                           : (ka.cls == esp_in_pkg::CLS_DROP ? 10'd0 : words(kf.data_len));
      r.pay_len   <= !k_esp ? kf.data_len : sa.tunnel ? t_inner.len : t.pay_len;

      r.prefix.l2_words  <= kf.l2_words;
      r.prefix.hdr_words <= (k_esp && !sa.tunnel) ? kf.hdr_len[6:2] : 5'd0;
      r.prefix.set_type  <= k_esp && sa.tunnel;
      r.prefix.v6        <= (k_esp && sa.tunnel) ? isel.v6 : fsel.v6;
      r.prefix.nh_off    <= kf.nh_off;
      r.prefix.nh        <= t.nh;
      r.prefix.len_field <= fsel.v6 ? {2'd0, len_new} - 16'd40 : {2'd0, len_new};
      r_add_len          <= add_len;
      r_add_nh           <= add_nh;

      r.move.verified <= k_esp;
      r.move.mark     <= k_esp && sa.tunnel && ecn_mark;
      r.move.v6       <= isel.v6;
      r.move.ecn      <= ecn_new;
      r.move.csum     <= swap16(~esp_in_pkg::add1c(~swap16(t.csum), ecn_add));

      s_sel <= !k_esp ? kf.sel : sa.tunnel ? t_inner.sel : tsel;
      c_slot   <= sa.slot[SW-1:0];
      c_seq    <= ka.seq;
      c_replay <= sa.replay;
      c_window <= sa.window;
    end
    if (state == D_CODE) begin
      rc.code  <= code;
      rc.asked <= code == NONE;
      rc.job   <= job;
      if (!sa.tunnel && !x_ports) begin
        s_sel.ports_ok <= 1'b0;
        s_sel.sport    <= 16'd0;
        s_sel.dport    <= 16'd0;
      end
    end
  end

  // The fold is not symmetric in source and destination; its CRC follows in
  // in_deliver.
  logic [31:0] src_fold, dst_fold;
  assign src_fold = s_sel.src[31:0] ^ {s_sel.src[58:32], s_sel.src[63:59]} ^
      {s_sel.src[84:64], s_sel.src[95:85]} ^ {s_sel.src[110:96], s_sel.src[127:111]};
  assign dst_fold = s_sel.dst[31:0] ^ {s_sel.dst[58:32], s_sel.dst[63:59]} ^
      {s_sel.dst[84:64], s_sel.dst[95:85]} ^ {s_sel.dst[110:96], s_sel.dst[127:111]};

  always_comb begin
    o = r;
    o.hashed = !rc.clear || rc.asked;
    o.clear  = rc.clear;
    o.need_b = !r.move.verified && r.held != 10'd0;
    o.handle = rc.handle;
    o.fold = {src_fold[18:0], src_fold[31:19]} ^ dst_fold ^ {s_sel.sport, s_sel.dport} ^ {s_sel.proto, 24'd0};
    // what a delivered frame takes from the buffer; the rest is thrown away
    o.move.give = words(r.pay_len);
    o.move.drop = r.held - words(r.pay_len);
    o.prefix.csum_add = esp_in_pkg::add1c(r_add_len, r_add_nh);
  end

  assign o_case  = rc;
  assign c_pend  = state == D_SEND && rc.committed && !c_done;
  assign s_pend  = state == D_SEND && rc.asked && !s_done;
  assign c_valid = c_pend;
  assign s_valid = s_pend;
  assign o_valid = state == D_SEND && (!c_pend || c_ready) && (!s_pend || s_ready);

  always_ff @(posedge clk) begin
    if (c_valid && c_ready) c_done <= 1'b1;
    if (s_valid && s_ready) s_done <= 1'b1;
    case (state)
      D_IDLE: begin
        c_done <= 1'b0;
        s_done <= 1'b0;
        if (go) state <= D_WORK;
      end
      D_WORK: if (!walks) state <= k_esp ? D_CODE : D_SEND;
      D_CODE: state <= D_SEND;
      default: if (o_valid && o_ready) state <= D_IDLE;
    endcase
    if (rst) state <= D_IDLE;
  end
endmodule
