// SPDX-License-Identifier: Apache-2.0
//
// l3_parse: what the device has to know of an IPv4 or IPv6 header.
//
// Takes the words of a datagram that starts at byte 0 of its first word, and
// says l3_t. No back-pressure: one word per cycle, datagrams of any length,
// one word included, may follow each other without a gap; words may also
// come with pauses. Latency: m_valid 4 cycles after the last word.
//
//   s_kind   with the first word: family, or KIND_OTHER / KIND_ARP, of which
//            only `kind` and `len` are told
//   s_auto   with the first word: take the family from the version nibble; a
//            nibble that is neither 4 nor 6 is KIND_OTHER with bad = 1
//   s_raw    with every word: sel.src is not an address but the four bytes each
//            at 0, 8, 16 and 24, in stream order, whatever the rest means
//   s_bytes  with the last word: bytes present, possibly 0
//   s_user   with the last word, comes back with m_valid
//   e_ok, e_total  length of the datagram by its header, from the cycle after
//            its first word until the cycle after the next first word. e_ok:
//            the header makes sense so far, and e_total is to be believed.
//
// `len` is the length in the header if that is possible and present, else
// what is present, and `bad` is set then. With `bad` only kind and len hold.
//
// IPv6 (RFC 8200 section 4): extension headers 0, 43, 44, 60, 135, 139, 140
// are walked while they start within the first 64 bytes. There are two ends
// of such a walk, and l3_t tells both:
//   sel.proto, ports, word0, word1, iv: the true upper layer
//   hdr_len, nh_off: where outbound transport-mode ESP goes (RFC 4303 section
//     3.1.1): behind the last hop-by-hop, routing or fragment header; the
//     byte at nh_off names what follows there, possibly destination options.
//     When the upper layer is ESP itself they point to that ESP header,
//     whatever stands before it, for that is what inbound needs.
// A walk that leaves the 64 bytes: too_long = 1, ports_ok = 0, proto is the
// last next-header value seen. An extension header that ends behind the
// datagram makes it bad. A fragment header is no fragment if its offset is 0
// and no more follow (RFC 6946). Behind a fragment header with an offset
// nothing is a header, so the walk ends.
//
// word0, word1 and iv are zero where the datagram ends before them.
module l3_parse #(
    parameter int USER_W = 1
) (
    input  logic                clk,
    input  logic                rst,
    input  logic                s_valid,
    input  logic                s_last,
    input  logic [127:0]        s_data,
    input  logic [1:0]          s_kind,
    input  logic                s_auto,
    input  logic                s_raw,
    input  logic [13:0]         s_bytes,
    input  logic [USER_W-1:0]   s_user,
    output logic                e_ok,
    output logic [15:0]         e_total,
    output logic                m_valid,
    output logic [USER_W-1:0]   m_user,
    output espalier_pkg::l3_t   m_l3
);
  localparam logic [1:0] KIND_OTHER = espalier_pkg::KIND_OTHER;
  localparam logic [1:0] KIND_IPV4 = espalier_pkg::KIND_IPV4;
  localparam logic [1:0] KIND_IPV6 = espalier_pkg::KIND_IPV6;

  function logic [15:0] swap16(input logic [15:0] b);
    swap16 = {b[7:0], b[15:8]};
  endfunction

  function logic [31:0] swap32(input logic [31:0] b);
    swap32 = {b[7:0], b[15:8], b[23:16], b[31:24]};
  endfunction

  function logic [63:0] swap64(input logic [63:0] b);
    swap64 = {swap32(b[31:0]), swap32(b[63:32])};
  endfunction

  // State of the walk. Extension headers are multiples of 8 bytes and start at
  // byte 40, so within 64 bytes there are three places for one.
  typedef struct packed {
    logic [7:0] nh;    // names what stands at pos
    logic [8:0] pos;   // in units of 8 bytes
    logic [1:0] off;   // where nh was read: 0 = byte 6, 1..3 = bytes 40, 48, 56
    logic [8:0] ipos;  // the same for the place where ESP goes
    logic [1:0] ioff;
    logic       frag;
    logic       later;  // not the first fragment; the walk is over
  } walk_t;

  // One place: u holds its first four bytes. Reserved bits are not looked at.
  // verilator lint_off UNUSEDSIGNAL
  function logic [31:0] step(input logic [31:0] was, input logic [1:0] place, input logic [31:0] u);
    logic [7:0] nh;
    logic [8:0] pos, ipos, unit;
    logic [1:0] off, ioff;
    logic       frag, later, is_frag, ins;
    {nh, pos, off, ipos, ioff, frag, later} = was;
    unit    = {7'd1, place};  // 5, 6, 7 for places 1, 2, 3
    is_frag = (nh == 8'd44);
    ins     = is_frag || (nh == 8'd0) || (nh == 8'd43);
    if (espalier_pkg::is_ext(nh) && !later && (pos == unit)) begin
      nh  = u[7:0];
      pos = unit + 9'd1 + (is_frag ? 9'd0 : {1'b0, u[15:8]});
      off = place;
      if (is_frag) begin
        later = (|u[23:16]) || (|u[31:27]);
        frag  = frag || later || u[24];
      end
      if (ins) begin
        ipos = pos;
        ioff = place;
      end
    end
    step = {nh, pos, off, ipos, ioff, frag, later};
  endfunction
  // verilator lint_on UNUSEDSIGNAL

  // --------------------------------------------------------- the first word
  logic [2:0]  beat;        // of the word at s_*, stays at 5
  logic        first;
  logic [1:0]  kind_in, kind;
  logic [3:0]  ihl_in, ihl;
  logic [15:0] total_in, plen_in;
  logic        shape;       // version and lengths make sense
  logic        v4_frag, v4_later;
  logic [7:0]  v4_proto, v6_nh;

  assign first    = (beat == 3'd0);
  assign ihl_in   = s_data[3:0];
  assign total_in = swap16(s_data[31:16]);
  assign plen_in  = swap16(s_data[47:32]);
  assign kind_in  = !s_auto ? s_kind :
                    (s_data[7:4] == 4'd4) ? KIND_IPV4 :
                    (s_data[7:4] == 4'd6) ? KIND_IPV6 : KIND_OTHER;

  always_ff @(posedge clk) begin
    if (s_valid) begin
      beat <= s_last ? 3'd0 : (beat == 3'd5) ? beat : beat + 3'd1;
      if (first) begin
        kind     <= kind_in;
        ihl      <= ihl_in;
        e_total  <= (kind_in == KIND_IPV6) ? plen_in + 16'd40 : total_in;
        // A payload length of 0 would be a jumbogram, and one that wraps is
        // longer than any frame.
        shape    <= (kind_in == KIND_IPV4) ?
                      (s_data[7:4] == 4'd4) && (ihl_in >= 4'd5) &&
                      (total_in >= {10'd0, ihl_in, 2'd0}) :
                    (kind_in == KIND_IPV6) ?
                      (s_data[7:4] == 4'd6) && (plen_in != 16'd0) && (plen_in < 16'hff00) :
                    !s_auto;
        v4_frag  <= s_data[53] || (|s_data[52:48]) || (|s_data[63:56]);
        v4_later <= (|s_data[52:48]) || (|s_data[63:56]);
        v4_proto <= s_data[79:72];
        v6_nh    <= s_data[55:48];
      end
    end
    if (rst) beat <= 3'd0;
  end

  assign e_ok = shape && (kind == KIND_IPV4 || kind == KIND_IPV6);

  // --------------------------------------- the walk, places 1, 2 and 3 in turn
  walk_t       w0, w1, w2, w3;
  logic        w2_new;
  logic [31:0] place3;

  always_comb begin
    w0       = '0;
    w0.nh    = v6_nh;
    w0.pos   = 9'd5;
    w0.ipos  = 9'd5;
  end

  always_ff @(posedge clk) begin
    w2_new <= s_valid && (beat == 3'd3);
    if (s_valid && beat == 3'd2) w1 <= step(w0, 2'd1, s_data[95:64]);
    if (s_valid && beat == 3'd3) begin
      w2     <= step(w1, 2'd2, s_data[31:0]);
      place3 <= s_data[95:64];
    end
    if (w2_new) w3 <= step(w2, 2'd3, place3);
  end

  // ------------------------------------------------- IPv4 header checksum
  // A good header sums to a multiple of 65535 (RFC 1071), here of at most 30
  // halfwords: then high and low part of the sum add up to exactly 65535.
  logic [16:0] c1_a, c1_b, c1_c, c1_d;
  logic        c1_valid, c1_first, c2_valid, c2_first;
  logic [18:0] c2_sum;
  logic [20:0] c3_acc;
  logic        c4_bad;
  logic [3:0]  in_hdr;

  assign in_hdr[0] = first || ({1'b0, ihl} > {beat, 2'd0});
  assign in_hdr[1] = first || ({1'b0, ihl} > {beat, 2'd1});
  assign in_hdr[2] = first || ({1'b0, ihl} > {beat, 2'd2});
  assign in_hdr[3] = first || ({1'b0, ihl} > {beat, 2'd3});

  always_ff @(posedge clk) begin
    c1_valid <= s_valid && (beat < 3'd4);
    c2_valid <= c1_valid;
    if (s_valid) begin
      c1_first <= first;
      c1_a <= in_hdr[0] ? {1'b0, s_data[15:0]} + {1'b0, s_data[31:16]} : 17'd0;
      c1_b <= in_hdr[1] ? {1'b0, s_data[47:32]} + {1'b0, s_data[63:48]} : 17'd0;
      c1_c <= in_hdr[2] ? {1'b0, s_data[79:64]} + {1'b0, s_data[95:80]} : 17'd0;
      c1_d <= in_hdr[3] ? {1'b0, s_data[111:96]} + {1'b0, s_data[127:112]} : 17'd0;
    end
    if (c1_valid) begin
      c2_first <= c1_first;
      c2_sum   <= ({2'd0, c1_a} + {2'd0, c1_b}) + ({2'd0, c1_c} + {2'd0, c1_d});
    end
    if (c2_valid) c3_acc <= (c2_first ? 21'd0 : c3_acc) + {2'd0, c2_sum};
    c4_bad <= ({1'b0, c3_acc[15:0]} + {12'd0, c3_acc[20:16]}) != 17'h0ffff;
  end

  // ------------------------------------------------ verdict, stages 1 to 4
  // Stage 1: what the registers above say, before the next datagram comes.
  logic              v1_valid, v1_one, v1_four, v1_shape, v1_frag, v1_later;
  logic [1:0]        v1_kind;
  logic [3:0]        v1_ihl;
  logic [15:0]       v1_total;
  logic [13:0]       v1_bytes;
  logic [7:0]        v1_proto;
  logic [USER_W-1:0] v1_user;
  // Stage 2: length
  logic              v2_valid, v2_bad, v2_four, v2_frag, v2_later;
  logic [1:0]        v2_kind;
  logic [3:0]        v2_ihl;
  logic [13:0]       v2_len;
  logic [7:0]        v2_proto;
  logic [USER_W-1:0] v2_user;
  logic              v1_ip, v1_long;
  // Stage 3: end of the header
  logic              v3_valid, v3_bad, v3_frag, v3_later, v3_too_long;
  logic [1:0]        v3_kind;
  logic [13:0]       v3_len;
  logic [11:0]       v3_up;     // offset of the upper layer in bytes
  logic [6:0]        v3_hdr_len;
  logic [5:0]        v3_nh_off;
  logic [7:0]        v3_proto;
  logic [USER_W-1:0] v3_user;
  walk_t             fin;
  logic              fin_ext, fin_esp;
  logic [8:0]        fin_hdr;
  logic [1:0]        fin_off;
  // Stage 4: what of the upper layer is there
  logic              v4_valid, v4_bad, v4_is4, v4_is6, v4_part, v4_toolong;
  logic              v4_ports, v4_icmp, v4_has0, v4_has1, v4_has3;
  logic              v3_ip, v3_icmp, v3_seen, v3_has0;
  logic [1:0]        v4_kind;
  logic [13:0]       v4_len;
  logic [14:0]       v3_rest;  // bytes from the upper layer to the end
  logic [6:0]        v4_hdr_len;
  logic [5:0]        v4_nh_off;
  logic [7:0]        v4_protocol;
  logic [USER_W-1:0] v4_user;

  assign v1_ip   = (v1_kind == KIND_IPV4) || (v1_kind == KIND_IPV6);
  assign v1_long = v1_total > {2'd0, v1_bytes};

  assign fin     = v2_four ? w3 : w1;
  assign fin_ext = espalier_pkg::is_ext(fin.nh) && !fin.later;
  assign fin_esp = (fin.nh == 8'd50);
  assign fin_hdr = fin_esp ? fin.pos : fin.ipos;
  assign fin_off = fin_esp ? fin.off : fin.ioff;

  assign v3_rest = {1'b0, v3_len} - {3'd0, v3_up};
  assign v3_ip   = (v3_kind == KIND_IPV4) || (v3_kind == KIND_IPV6);
  assign v3_icmp = (v3_proto == 8'd1) || (v3_proto == 8'd58);
  assign v3_seen = v3_ip && !v3_bad && (v3_up <= 12'd64) && !v3_rest[14];
  assign v3_has0 = v3_seen && (|v3_rest[13:2]);

  always_ff @(posedge clk) begin
    v1_valid <= s_valid && s_last && !rst;
    v2_valid <= v1_valid && !rst;
    v3_valid <= v2_valid && !rst;
    v4_valid <= v3_valid && !rst;

    if (s_valid && s_last) begin
      v1_kind  <= first ? kind_in : kind;
      v1_one   <= first;
      v1_four  <= (beat >= 3'd3);
      v1_shape <= first ? !s_auto : shape;
      v1_ihl   <= ihl;
      v1_total <= e_total;
      v1_bytes <= s_bytes;
      v1_frag  <= v4_frag;
      v1_later <= v4_later;
      v1_proto <= v4_proto;
      v1_user  <= s_user;
    end

    if (v1_valid) begin
      v2_kind  <= v1_kind;
      v2_four  <= v1_four;
      v2_ihl   <= v1_ihl;
      v2_frag  <= v1_frag;
      v2_later <= v1_later;
      v2_proto <= v1_proto;
      v2_user  <= v1_user;
      // No IP header fits into one word.
      v2_bad   <= !v1_shape || (v1_ip && (v1_one || v1_long));
      v2_len   <= (v1_ip && !v1_one && v1_shape && !v1_long) ? v1_total[13:0] : v1_bytes;
    end

    if (v2_valid) begin
      v3_kind <= v2_kind;
      v3_len  <= v2_len;
      v3_user <= v2_user;
      if (v2_kind == KIND_IPV6) begin
        // An extension header left at a place within the 64 bytes was not
        // there to be walked.
        v3_bad      <= v2_bad || (fin_ext && fin.pos < 9'd8);
        v3_too_long <= (fin.pos > 9'd8) || (fin_ext && fin.pos == 9'd8);
        v3_frag     <= fin.frag;
        v3_later    <= fin.later;
        v3_proto    <= fin.nh;
        v3_up       <= {fin.pos, 3'd0};
        v3_hdr_len  <= (fin_hdr > 9'd15) ? 7'd120 : {fin_hdr[3:0], 3'd0};
        v3_nh_off   <= (fin_off == 2'd0) ? 6'd6 : {1'b1, fin_off, 3'd0};
      end else begin
        v3_bad      <= v2_bad;
        v3_too_long <= 1'b0;
        v3_frag     <= v2_frag;
        v3_later    <= v2_later;
        v3_proto    <= v2_proto;
        v3_up       <= {6'd0, v2_ihl, 2'd0};
        v3_hdr_len  <= {1'b0, v2_ihl, 2'd0};
        v3_nh_off   <= 6'd9;
      end
    end

    if (v3_valid) begin
      v4_kind     <= v3_kind;
      v4_is4      <= (v3_kind == KIND_IPV4);
      v4_is6      <= (v3_kind == KIND_IPV6);
      v4_len      <= v3_len;
      v4_bad      <= v3_bad || (v3_ip && v3_rest[14]);
      v4_has0     <= v3_has0;
      v4_has1     <= v3_seen && (|v3_rest[13:3]);
      v4_has3     <= v3_seen && (|v3_rest[13:4]);
      v4_part     <= v3_ip && v3_frag;
      v4_toolong  <= v3_ip && v3_too_long;
      v4_hdr_len  <= v3_ip ? v3_hdr_len : 7'd0;
      v4_nh_off   <= v3_ip ? v3_nh_off : 6'd0;
      v4_protocol <= v3_ip ? v3_proto : 8'd0;
      v4_user     <= v3_user;
      v4_icmp     <= v3_icmp;
      // TCP, UDP, DCCP, SCTP, UDP-Lite have their ports in the same place.
      v4_ports    <= !v3_later && !v3_too_long &&
                     (v3_icmp ? v3_seen && (|v3_rest[13:1]) : v3_has0 &&
                      ((v3_proto == 8'd6) || (v3_proto == 8'd17) || (v3_proto == 8'd33) ||
                       (v3_proto == 8'd132) || (v3_proto == 8'd136)));
    end
  end

  // ------------------------------ capture, 3 cycles behind: the walk is done
  logic         d1_valid, d2_valid, d3_valid;
  logic         d1_raw, d2_raw, d3_raw;
  logic [2:0]   d1_beat, d2_beat, d3_beat;
  logic [1:0]   d1_kind, d2_kind, d3_kind;
  logic [127:0] d1_data, d2_data, d3_data;

  always_ff @(posedge clk) begin
    d1_valid <= s_valid && (beat != 3'd5);
    d2_valid <= d1_valid;
    d3_valid <= d2_valid;
    if (s_valid) begin
      d1_beat <= beat;
      d1_kind <= first ? kind_in : kind;
      d1_data <= s_data;
      d1_raw  <= s_raw;
    end
    if (d1_valid) begin
      if (d1_beat == 3'd0) d2_ihl <= d1_data[3:0];
      d2_beat <= d1_beat;
      d2_kind <= d1_kind;
      d2_data <= d1_data;
      d2_raw  <= d1_raw;
    end
    if (d2_valid) begin
      d3_beat  <= d2_beat;
      d3_hit   <= (d2_beat == 3'd0) ? 4'd0 : hit;
      d3_lanes <= lanes;
      d3_kind <= d2_kind;
      d3_data <= d2_data;
      d3_raw  <= d2_raw;
    end
  end

  logic [127:0] k_src, k_dst;
  logic [127:0] k_up;                        // stream order, each lane where it stood
  logic [7:0]   k_lanes;                     // lanes of the first four bytes, the next, ...
  logic [7:0]   k_tos, k_ttl;
  logic [15:0]  k_id;
  logic [19:0]  k_flow;
  logic         k_df;
  logic [3:0]   d2_ihl;
  logic [8:0]   k_pos;
  logic         k_far;                       // beyond what is captured
  logic [5:0]   base;                        // first four bytes of the upper layer
  logic         here, begun;                 // in this word, in the one before
  logic [2:0]   prior;                       // number of that one
  logic [7:0]   lanes, d3_lanes;
  logic [3:0]   hit, d3_hit;                 // lanes of the word that belong to these 16 bytes

  // Worked out a cycle ahead. Up to the third word only the first place matters,
  // and w3 may still be that of an earlier datagram.
  assign k_pos  = (d2_beat == 3'd2) ? w1.pos : w3.pos;
  assign k_far  = (|k_pos[8:4]) || (k_pos[3] && (|k_pos[2:0]));
  assign base   = (d2_kind != KIND_IPV6) ? {2'd0, d2_ihl} : k_far ? 6'd63 : {1'b0, k_pos[3:0], 1'b0};
  assign prior  = d2_beat - 3'd1;
  assign here   = base[5:2] == {1'b0, d2_beat};
  assign begun  = base[5:2] == {1'b0, prior};
  assign lanes  = {base[1:0] + 2'd3, base[1:0] + 2'd2, base[1:0] + 2'd1, base[1:0]};
  assign hit[0] = (base[1:0] != 2'd0) ? begun : here;
  assign hit[1] = base[1] ? begun : here;
  assign hit[2] = (base[1:0] == 2'd3) ? begun : here;
  assign hit[3] = here;

  function logic [31:0] lane(input logic [127:0] w, input logic [1:0] i);
    case (i)
      2'd0:    lane = w[31:0];
      2'd1:    lane = w[63:32];
      2'd2:    lane = w[95:64];
      default: lane = w[127:96];
    endcase
  endfunction

  always_ff @(posedge clk) begin
    if (d3_valid) begin
      case (d3_beat)
        3'd0: begin
          k_src  <= 128'd0;
          k_dst  <= 128'd0;
          k_tos  <= 8'd0;
          k_ttl  <= 8'd0;
          k_id   <= 16'd0;
          k_df   <= 1'b0;
          k_flow <= 20'd0;
          if (d3_kind == KIND_IPV6) begin
            k_tos         <= {d3_data[3:0], d3_data[15:12]};
            k_ttl         <= d3_data[63:56];
            k_flow        <= {d3_data[11:8], d3_data[23:16], d3_data[31:24]};
            k_src[127:64] <= swap64(d3_data[127:64]);
          end else if (d3_kind == KIND_IPV4) begin
            k_tos       <= d3_data[15:8];
            k_ttl       <= d3_data[71:64];
            k_id        <= swap16(d3_data[47:32]);
            k_df        <= d3_data[54];
            k_src[31:0] <= swap32(d3_data[127:96]);
          end
          if (d3_raw) k_src <= {64'd0, d3_data[95:64], d3_data[31:0]};
        end
        3'd1: begin
          if (d3_kind == KIND_IPV6) begin
            if (!d3_raw) k_src[63:0] <= swap64(d3_data[63:0]);
            k_dst[127:64] <= swap64(d3_data[127:64]);
          end else if (d3_kind == KIND_IPV4) begin
            k_dst[31:0] <= swap32(d3_data[31:0]);
          end
          if (d3_raw) k_src[127:64] <= {d3_data[95:64], d3_data[31:0]};
        end
        3'd2: if (d3_kind == KIND_IPV6) k_dst[63:0] <= swap64(d3_data[63:0]);
        default: ;
      endcase
      if (d3_hit[0]) k_up[31:0] <= d3_data[31:0];
      if (d3_hit[1]) k_up[63:32] <= d3_data[63:32];
      if (d3_hit[2]) k_up[95:64] <= d3_data[95:64];
      if (d3_hit[3]) k_up[127:96] <= d3_data[127:96];
      if (d3_hit[3]) k_lanes <= d3_lanes;
    end
  end

  // ------------------------------------------------------------------ result
  logic        bad, ports_ok;
  logic [31:0] up0;

  assign bad      = v4_bad || (v4_is4 && c4_bad);
  assign ports_ok = v4_ports && !bad;
  assign up0      = lane(k_up, k_lanes[1:0]);

  logic unused;
  assign unused = &{1'b0, v3_rest[0]};

  assign m_valid = v4_valid;
  assign m_user  = v4_user;

  always_comb begin
    m_l3           = '0;
    m_l3.kind      = v4_kind;
    m_l3.bad       = bad;
    m_l3.len       = v4_len;
    m_l3.hdr_len   = v4_hdr_len;
    m_l3.nh_off    = v4_nh_off;
    m_l3.too_long  = v4_toolong;
    m_l3.frag      = v4_part;
    m_l3.df        = k_df;
    m_l3.tos       = k_tos;
    m_l3.ttl       = k_ttl;
    m_l3.id        = k_id;
    m_l3.flow      = k_flow;
    m_l3.sel.v6    = v4_is6;
    m_l3.sel.src   = k_src;
    m_l3.sel.dst   = k_dst;
    m_l3.sel.proto = v4_protocol;
    if (v4_has0) m_l3.word0 = swap32(up0);
    if (v4_has1) m_l3.word1 = swap32(lane(k_up, k_lanes[3:2]));
    if (v4_has3) m_l3.iv = {lane(k_up, k_lanes[7:6]), lane(k_up, k_lanes[5:4])};
    m_l3.sel.ports_ok = ports_ok;
    if (ports_ok) begin
      m_l3.sel.sport = v4_icmp ? {8'd0, up0[7:0]} : swap16(up0[15:0]);
      m_l3.sel.dport = v4_icmp ? {8'd0, up0[15:8]} : swap16(up0[31:16]);
    end
  end
endmodule
