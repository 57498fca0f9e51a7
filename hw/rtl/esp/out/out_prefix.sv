// SPDX-License-Identifier: Apache-2.0
//
// out_prefix: everything of a frame in front of its payload.
//
//   protected, tunnel:     layer 2, new IPv4 or IPv6 header, ESP header, IV
//   protected, transport:  layer 2, the frame's own headers with length,
//                          protocol and checksum changed, ESP header, IV
//   in clear:              layer 2
//
// It takes one job and one head a frame, in order, also for frames that are
// dropped, and frees the header window. Per frame that goes out it gives one
// merge job and the prefix words; `p_done` pulses in the cycle in which the
// last of these words leaves.
//
// Cost: one cycle for each four words of each part (layer 2, IP, ESP), never
// more than the frame costs on the wire. Latency 5 cycles to the first word.
//
// Outer IPv4 (RFC 4301 section 5.1.2.1): identification is 0 when DF is set
// (RFC 6864 section 4.1), else it counts over all SAs. TTL of the inner header
// is not touched: the host has routed the packet. ECN is copied (RFC 6040
// section 4.1, normal mode) or Not-ECT.
module out_prefix (
    input  logic                               clk,
    input  logic                               rst,
    input  logic                               room,        // 16 words behind, and a merge job
    input  logic                               job_valid,
    output logic                               job_ready,
    input  espalier_out_pkg::prefix_job_t      job,
    input  logic                               head_valid,
    output logic                               head_ready,
    input  espalier_out_pkg::head_t            head,
    output logic                         [3:0] h_slot,
    output logic                         [1:0] h_beat,
    input  logic                       [127:0] h_data,
    output logic                               h_release,
    output logic                               merge_valid,
    output espalier_out_pkg::merge_job_t       merge,
    output logic                               p_valid,
    output logic                       [127:0] p_data,
    output logic                               p_done,
    output logic                               moves        // something happens in this cycle
);
  function logic [31:0] swap32(input logic [31:0] b);
    swap32 = {b[7:0], b[15:8], b[23:16], b[31:24]};
  endfunction
  function logic [15:0] swap16(input logic [15:0] b);
    swap16 = {b[7:0], b[15:8]};
  endfunction

  // ------------------------------------------------------- which element next
  localparam logic [1:0] E_L2 = 2'd0;    // first four words of layer 2
  localparam logic [1:0] E_TAGS = 2'd1;  // the words that VLAN tags add
  localparam logic [1:0] E_IP = 2'd2;
  localparam logic [1:0] E_ESP = 2'd3;
  logic [1:0] state, ip_beat;
  logic [4:0] ip_words, ip_left;
  logic both, go, protect, end_of_job, drop;

  assign both     = job_valid && head_valid;
  assign protect  = (job.kind == espalier_out_pkg::OUT_PROTECT);
  assign drop     = !protect && (job.kind != espalier_out_pkg::OUT_CLEAR);
  assign ip_words = !job.tunnel ? head.hdr_len[6:2] : job.v6 ? 5'd10 : 5'd5;
  assign go       = both && ((state != E_L2) || room);

  logic tags;
  assign tags = (head.l2_words != 3'd4);
  always_comb begin
    case (state)
      E_L2: end_of_job = drop || (!protect && !tags);
      E_TAGS: end_of_job = !protect;
      E_IP: end_of_job = 1'b0;
      default: end_of_job = 1'b1;
    endcase
  end
  assign job_ready  = go && end_of_job;
  assign head_ready = job_ready;
  assign h_release  = job_ready;
  assign h_slot     = head.slot;
  assign h_beat     = ip_beat;

  always_ff @(posedge clk) begin
    if (rst) begin
      state <= E_L2;
    end else if (go) begin
      case (state)
        E_L2: begin
          ip_left <= ip_words;
          ip_beat <= 2'd0;
          state   <= end_of_job ? E_L2 : tags ? E_TAGS : E_IP;
        end
        E_TAGS: state <= protect ? E_IP : E_L2;
        E_IP: begin
          ip_left <= ip_left - 5'd4;
          ip_beat <= ip_beat + 2'd1;
          if (ip_left <= 5'd4) state <= E_ESP;
        end
        default: state <= E_L2;
      endcase
    end
  end

  // -------------------------------------------------------------- merge job
  always_comb begin
    merge_valid        = go && (state == E_L2) && !drop;
    merge.clear        = !protect;
    merge.prefix_words = {2'd0, head.l2_words} + (protect ? ip_words + 5'd4 : 5'd0);
    merge.body_len     = job.body_len;
    merge.icv_words    = job.icv_words;
  end

  // ------------------------------------------------- fields of the outer header
  logic [7:0]  tos, ttl;
  logic        df;
  logic [15:0] id, id_next, total_len;
  assign tos = {job.dscp_copy ? head.tos[7:2] : job.dscp, job.ecn ? head.tos[1:0] : 2'd0};
  assign ttl = (job.ttl != 8'd0) ? job.ttl : head.ttl;
  assign df  = (job.df == 2'd0) ? (head.v6 || head.df) : (job.df == 2'd1);
  assign id  = df ? 16'd0 : id_next;
  assign total_len = {2'd0, job.outer_len};

  // Checksum (RFC 1071), begun while layer 2 is sent. Tunnel: the sum over the
  // new header. Transport: what has changed, to be added to the old sum
  // (RFC 1624, eqn 3).
  logic        first_q;
  logic [18:0] part_a;
  logic [17:0] part_b, part_c;
  logic [19:0] partial;
  logic [15:0] new_len;  // as the outer header says it
  always_ff @(posedge clk) begin
    first_q <= go && (state == E_L2) && protect;
    if (go && (state == E_L2) && protect) begin
      new_len <= (job.tunnel ? job.v6 : head.v6) ? total_len - 16'd40 : total_len;
      if (job.tunnel) begin
        part_a <= {1'b0, job.addr_sum} + {3'd0, 8'h45, tos};
        part_b <= {2'd0, total_len} + {3'd0, df, 14'd0};
        part_c <= {2'd0, id} + {2'd0, ttl, 8'd50};
      end else begin
        part_a <= {3'd0, ~{2'd0, head.len}};
        part_b <= {2'd0, total_len} + {2'd0, 8'hff, ~head.proto};
        part_c <= 18'd50;
      end
    end
    if (first_q) partial <= {1'b0, part_a} + {2'd0, part_b} + {2'd0, part_c};
    if (rst) begin
      first_q <= 1'b0;
      id_next <= 16'd0;
    end else if (go && (state == E_ESP) && job.tunnel && !job.v6 && !df) begin
      id_next <= id_next + 16'd1;
    end
  end

  // --------------------------------------------------- stage 1: the element
  logic [191:0] l2;
  always_comb begin
    l2 = head.l2;
    if (protect && job.tunnel) begin
      case (head.l2_words)
        3'd4: l2[127:112] = job.v6 ? 16'hdd86 : 16'h0008;
        3'd5: l2[159:144] = job.v6 ? 16'hdd86 : 16'h0008;
        default: l2[191:176] = job.v6 ? 16'hdd86 : 16'h0008;
      endcase
    end
  end

  logic [127:0] ip_word;
  always_comb begin
    if (job.v6) begin
      case (ip_beat)
        2'd0:
        ip_word = {
          swap32(job.src[95:64]), swap32(job.src[127:96]),
          swap32({new_len, 8'd50, ttl}), swap32({4'd6, tos, job.flow})
        };
        2'd1:
        ip_word = {
          swap32(job.dst[95:64]), swap32(job.dst[127:96]), swap32(job.src[31:0]),
          swap32(job.src[63:32])
        };
        default: ip_word = {64'd0, swap32(job.dst[31:0]), swap32(job.dst[63:32])};
      endcase
    end else if (ip_beat == 2'd0) begin
      ip_word = {
        swap32(job.src[31:0]), swap32({ttl, 8'd50, 16'd0}), swap32({id, 1'b0, df, 14'd0}),
        swap32({8'h45, tos, new_len})
      };
    end else begin
      ip_word = {96'd0, swap32(job.dst[31:0])};
    end
  end

  logic v1, last1, win1, sum1, len4_1, len6_1, nh1;
  logic [2:0] n1;
  logic [3:0] nh_at1;
  logic [127:0] data1;
  always_ff @(posedge clk) begin
    v1 <= go && !drop && !rst;
    if (go) begin
      last1  <= end_of_job;
      win1   <= (state == E_IP) && !job.tunnel;
      sum1   <= (state == E_IP) && (ip_beat == 2'd0) && !(job.tunnel ? job.v6 : head.v6);
      len4_1 <= (state == E_IP) && (ip_beat == 2'd0) && !job.tunnel && !head.v6;
      len6_1 <= (state == E_IP) && (ip_beat == 2'd0) && !job.tunnel && head.v6;
      nh1    <= (state == E_IP) && (ip_beat == head.nh_off[5:4]) && !job.tunnel;
      nh_at1 <= head.nh_off[3:0];
      case (state)
        E_L2: begin
          n1    <= 3'd4;
          data1 <= l2[127:0];
        end
        E_TAGS: begin
          n1    <= head.l2_words - 3'd4;
          data1 <= {64'd0, l2[191:128]};
        end
        E_IP: begin
          n1    <= (ip_left >= 5'd4) ? 3'd4 : ip_left[2:0];
          data1 <= ip_word;
        end
        default: begin
          n1    <= 3'd4;
          data1 <= {
            swap32(job.seq[31:0]), swap32(job.seq[63:32]), swap32(job.seq[31:0]), swap32(job.spi)
          };
        end
      endcase
    end
  end

  // ------------------------- stages 2, 3: window word, checksum in two folds
  logic v2, v3, last2, last3, sum2, sum3, len4_2, len4_3, len6_2, len6_3, nh2, nh3;
  logic [2:0] n2, n3;
  logic [3:0] nh_at2, nh_at3;
  logic [127:0] data2, data3;
  logic [19:0] total2;
  logic [16:0] fold3;
  always_ff @(posedge clk) begin
    v2 <= v1 && !rst;
    v3 <= v2 && !rst;
    if (v1) begin
      {last2, sum2, len4_2, len6_2, nh2, n2, nh_at2} <= {
        last1, sum1, len4_1, len6_1, nh1, n1, nh_at1
      };
      data2  <= win1 ? h_data : data1;
      total2 <= partial + (win1 ? {4'd0, ~swap16(h_data[95:80])} : 20'd0);
    end
    if (v2) begin
      {last3, sum3, len4_3, len6_3, nh3, n3, nh_at3} <= {
        last2, sum2, len4_2, len6_2, nh2, n2, nh_at2
      };
      data3 <= data2;
      fold3 <= {1'b0, total2[15:0]} + {13'd0, total2[19:16]};
    end
  end

  // ------------------------------------------------------ stage 4: patched
  logic v4, last4;
  logic [2:0] n4;
  logic [127:0] data4, patched;
  logic [15:0] checksum;
  assign checksum = ~(fold3[15:0] + {15'd0, fold3[16]});
  always_comb begin
    patched = data3;
    if (len4_3) patched[31:16] = swap16(new_len);
    if (len6_3) patched[47:32] = swap16(new_len);
    if (sum3) patched[95:80] = swap16(checksum);
    if (nh3) begin
      for (int i = 0; i < 16; i++) if (nh_at3 == 4'(i)) patched[8*i+:8] = 8'd50;
    end
  end
  always_ff @(posedge clk) begin
    v4 <= v3 && !rst;
    if (v3) begin
      data4 <= patched;
      n4    <= n3;
      last4 <= last3;
    end
  end

  logic packed_last;
  word_pack u_pack (
      .clk    (clk),
      .rst    (rst),
      .s_valid(v4),
      .s_data (data4),
      .s_words(n4),
      .s_last (last4),
      .m_valid(p_valid),
      .m_data (p_data),
      .m_last (packed_last)
  );
  assign p_done = p_valid && packed_last;
  assign moves  = go || v1 || v2 || v3 || v4 || p_valid;
endmodule
