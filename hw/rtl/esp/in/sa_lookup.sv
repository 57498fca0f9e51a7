// SPDX-License-Identifier: Apache-2.0
//
// sa_lookup: from (SPI, destination, protocol) to the slots of the inbound SAD
// that may hold the SA. Two hash tables of two-way buckets (layout.h, struct
// espalier_hash_entry), each a memory; the ways of a bucket are read in turn.
//
// l_* -> m_*: which places match on SPI and protocol, their slots and that of the
// first of them, and which of the four have a parity error. The full comparison
// is the caller's. In order.
// Latency 7 cycles, throughput 1 in 2 cycles except beside a table access.
//
// Table TBL_SA_HASH: OP_ADD (an entry of zeros empties the place), OP_DELETE,
// OP_READ, OP_CORRUPT (TEST_HOOKS). The request is held until t_done; t_result
// and t_rdata are valid with it. All places are cleared after `rst`; init_done
// says so.
module sa_lookup #(
    parameter int SA_ENTRIES = 1024,
    parameter int TEST_HOOKS = 0,
    parameter int SW = $clog2(SA_ENTRIES)
) (
    input  logic            clk,
    input  logic            rst,
    output logic            init_done,
    input  logic            l_valid,
    output logic            l_ready,
    input  logic [    31:0] l_spi,
    input  logic [   127:0] l_dst,
    input  logic [     7:0] l_proto,
    output logic            m_valid,
    input  logic            m_ready,
    output logic [     3:0] m_match,
    output logic            m_parity,
    output logic [4*SW-1:0] m_slots,
    output logic [SW-1:0]   m_first,
    input  logic            t_valid,
    input  logic [     3:0] t_op,
    input  logic [    15:0] t_index,
    input  logic [    31:0] t_spi,
    input  logic [    31:0] t_slot,
    output logic            t_done,
    output logic [     3:0] t_result,
    output logic [    63:0] t_rdata
);
  localparam int BW = SW - 1;  // bucket
  localparam int EW = 1 + 1 + 8 + SW + 32;  // parity, valid, protocol, slot, SPI

  // ----------------------------------------------------------- the hash
  // espalier_pkg::sa_hash(), folding and CRC a stage each.
  logic [3:0] room;
  logic       take;
  logic       r_block;  // table access: no read beside it
  logic [6:1] v;
  logic [31:0] s1_fold;
  // The number of bits in use follows the number of buckets.
  /* verilator lint_off UNUSEDSIGNAL */
  logic [31:0] s2_hash;
  /* verilator lint_on UNUSEDSIGNAL */
  logic [31:0] s1_spi, s2_spi, s3_spi, s4_spi;
  logic [7:0] s1_proto, s2_proto, s3_proto, s4_proto;

  assign take = l_valid && l_ready;

  // A flip-flop; a look-up needs the ports for two cycles.
  always_ff @(posedge clk) begin
    l_ready <= !room[3] && init_done && !t_valid && !take && !rst;
  end

  always_ff @(posedge clk) begin
    if (take) begin
      s1_fold <= l_spi ^ l_dst[31:0] ^ {l_dst[58:32], l_dst[63:59]} ^ {l_dst[84:64], l_dst[95:85]} ^
          {l_dst[110:96], l_dst[127:111]} ^ {l_proto, 24'd0};
      s1_spi   <= l_spi;
      s1_proto <= l_proto;
    end
    if (v[1]) begin
      s2_hash  <= esp_in_pkg::hash_of(s1_fold);
      s2_spi   <= s1_spi;
      s2_proto <= s1_proto;
    end
    if (v[2]) begin
      s3_spi   <= s2_spi;
      s3_proto <= s2_proto;
    end
    if (v[3]) begin
      s4_spi   <= s3_spi;
      s4_proto <= s3_proto;
    end
    if (rst) v <= '0;
    else v <= {v[5:1], take};
  end

  // ---------------------------------------------------------- the four places
  logic [1:0] we;  // by table
  logic [SW-1:0] waddr;  // bucket, way
  logic [EW-1:0] wdata;
  logic [1:0] rd_match, rd_bad;
  logic [2*SW-1:0] rd_slots;
  logic [2*EW-1:0] rd_all;
  logic t_read;

  genvar g;
  generate
    for (g = 0; g < 2; g++) begin : g_table
      logic [EW-1:0] q;
      logic [SW-1:0] raddr;
      assign raddr = t_read ? t_index[SW-1:0] : {s2_hash[g*16+:BW], v[3]};
      ram_1r1w #(
          .WIDTH(EW),
          .DEPTH(SA_ENTRIES)
      ) u_mem (
          .clk(clk), .we(we[g]), .waddr(waddr), .wdata(wdata),
          .re(v[2] || v[3] || t_read), .raddr(raddr), .rdata(q)
      );
      assign rd_all[g*EW+:EW] = q;
      assign rd_match[g] = q[EW-2] && q[31:0] == s4_spi && q[32+SW+:8] == s4_proto;
      assign rd_bad[g] = ^q;
      assign rd_slots[g*SW+:SW] = q[32+:SW];
    end
  endgenerate

  // places 0 and 1: table 0; 2 and 3: table 1
  logic [3:0] s6_match, s6_bad;
  logic [4*SW-1:0] s6_slots;
  always_ff @(posedge clk) begin
    for (int i = 0; i < 2; i++) begin
      if (v[4]) begin
        s6_match[2*i]          <= rd_match[i];
        s6_bad[2*i]            <= rd_bad[i];
        s6_slots[2*i*SW+:SW]   <= rd_slots[i*SW+:SW];
      end
      if (v[5]) begin
        s6_match[2*i+1]            <= rd_match[i];
        s6_bad[2*i+1]              <= rd_bad[i];
        s6_slots[(2*i+1)*SW+:SW]   <= rd_slots[i*SW+:SW];
      end
    end
  end

  // A place with a parity error is no candidate.
  logic unused_ready;
  logic [3:0] unused_count, s6_found;
  logic [SW-1:0] s6_first;
  assign s6_found = s6_match & ~s6_bad;
  assign s6_first = s6_found[0] ? s6_slots[0+:SW] : s6_found[1] ? s6_slots[SW+:SW] :
                    s6_found[2] ? s6_slots[2*SW+:SW] : s6_slots[3*SW+:SW];
  fifo_sync #(
      .WIDTH(4 + 1 + 5 * SW),
      .DEPTH(8)
  ) u_out (
      .clk(clk),
      .rst(rst),
      .s_valid(v[6]),
      .s_ready(unused_ready),
      .s_data({s6_found, |s6_bad, s6_slots, s6_first}),
      .m_valid(m_valid),
      .m_ready(m_ready),
      .m_data({m_match, m_parity, m_slots, m_first}),
      .count(unused_count)
  );

  // What leaves is counted a cycle later, which shortens a long path.
  logic left;
  always_ff @(posedge clk) begin
    left <= m_valid && m_ready && !rst;
    if (rst) room <= '0;
    else room <= room + {3'd0, take} - {3'd0, left};
  end

  // ------------------------------------------------------------- table port
  localparam logic [2:0] T_INIT = 3'd0;
  localparam logic [2:0] T_IDLE = 3'd1;
  localparam logic [2:0] T_READ = 3'd2;
  localparam logic [2:0] T_READ2 = 3'd3;
  localparam logic [2:0] T_DATA = 3'd4;
  localparam logic [2:0] T_DONE = 3'd5;
  localparam logic [2:0] T_LOOK = 3'd6;  // what is asked has been looked at

  logic [2:0] ts;
  logic [SW-1:0] clear;
  logic [1:0] table_hot;
  logic [EW-2:0] t_entry;
  logic [EW-1:0] t_old;
  logic [EW-1:0] t_q;
  logic in_range, add_ok, add_none;

  assign r_block = v[1] || v[2] || take;
  assign table_hot = t_index[SW] ? 2'b10 : 2'b01;
  assign t_entry = {1'b1, t_slot[23:16], t_slot[SW-1:0], t_spi};
  assign t_read = (ts == T_READ);

  assign t_q = t_index[SW] ? rd_all[EW+:EW] : rd_all[0+:EW];

  always_ff @(posedge clk) begin
    init_done <= ts != T_INIT && !rst;
    we     <= 2'd0;
    t_done <= 1'b0;
    case (ts)
      T_INIT: begin
        we    <= 2'b11;
        waddr <= clear;
        wdata <= '0;
        clear <= clear + 1'b1;
        if (&clear) ts <= T_IDLE;
      end
      T_IDLE:
      // New look-ups are held off by t_valid; those under way read first.
      if (t_valid && !t_done && !r_block) begin
        in_range <= (t_index >> (SW + 1)) == 16'd0;
        add_ok   <= t_slot[31] && t_slot[30:24] == 7'd0 && (t_slot[15:0] >> SW) == 16'd0 && t_spi != 32'd0;
        add_none <= t_slot == 32'd0 && t_spi == 32'd0;  // empties the place
        ts       <= T_LOOK;
      end
      T_LOOK: begin
        t_result <= espalier_pkg::RES_OK;
        waddr    <= t_index[SW-1:0];
        ts       <= T_DONE;
        if (!in_range) t_result <= espalier_pkg::RES_INDEX;
        else if (t_op == espalier_pkg::OP_ADD) begin
          if (add_ok || add_none) begin
            we    <= table_hot;
            wdata <= add_ok ? {^t_entry, t_entry} : '0;
          end else t_result <= espalier_pkg::RES_VALUE;
        end else if (t_op == espalier_pkg::OP_DELETE) begin
          we    <= table_hot;
          wdata <= '0;
        end else if (t_op == espalier_pkg::OP_READ || (TEST_HOOKS != 0 && t_op == espalier_pkg::OP_CORRUPT))
          ts <= T_READ;
        else t_result <= espalier_pkg::RES_OP;
      end
      T_READ:  ts <= T_READ2;
      T_READ2: ts <= T_DATA;
      T_DATA: begin
        t_old <= t_q;
        if (t_op == espalier_pkg::OP_CORRUPT) begin
          we    <= table_hot;
          wdata <= {!t_q[EW-1], t_q[EW-2:0]};
        end else if (^t_q) t_result <= espalier_pkg::RES_PARITY;
        ts <= T_DONE;
      end
      T_DONE: begin
        t_done <= 1'b1;
        ts <= T_IDLE;
      end
      default: ts <= T_IDLE;
    endcase
    if (rst) begin
      ts     <= T_INIT;
      clear  <= '0;
      t_done <= 1'b0;
    end
  end

  assign t_rdata = {t_old[EW-2], 7'd0, t_old[32+SW+:8], {(16 - SW) {1'b0}}, t_old[32+:SW], t_old[31:0]};
endmodule
