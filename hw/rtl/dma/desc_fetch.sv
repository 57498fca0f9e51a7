// SPDX-License-Identifier: Apache-2.0
//
// desc_fetch: fetches the descriptors of all rings of one direction ahead of
// their use, in bursts of up to 16, into 32 places a queue.
//
// Indices are free-running 16-bit ring indices; the low five bits are the
// place. head: next to be asked for; arrived: next to come in; taken: next to
// be used. A burst crosses neither the ring's end nor a 4 KiB boundary;
// several may be under way, of one queue too. Nothing is asked for while fewer
// than 9 places are free and there is something to use, so that a ring that is
// kept full is read by the line of memory and not by the descriptor.
// Latency from doorbell to request: 6 cycles; a request every 6 cycles.
//
// A descriptor read that meets an AXI error, and a doorbell more than a ring
// ahead, raise `fault` for their queue, which stops it.
module desc_fetch #(
    parameter int NUM_QUEUES = 4,
    parameter int CFG_BASE = 0,  // register offset of this direction in a queue pair
    parameter int CHAINS = 1,  // 1: a descriptor is of use only with all of its packet
    parameter int QW = (NUM_QUEUES > 1) ? $clog2(NUM_QUEUES) : 1
) (
    input logic clk,
    input logic rst,

    // writes to queue registers
    input logic          cfg_we,
    input logic [QW-1:0] cfg_q,
    input logic [   7:0] cfg_reg,
    input logic [  31:0] cfg_data,

    input  logic [NUM_QUEUES-1:0] run,    // enabled, no error, no reset under way
    input  logic [NUM_QUEUES-1:0] clear,  // pulse: indices to zero
    output logic                  fault,
    output logic [        QW-1:0] fault_q,

    output logic         ar_valid,
    input  logic         ar_ready,
    output logic [ 63:0] ar_addr,
    output logic [  7:0] ar_len,
    input  logic         beat,
    input  logic [127:0] beat_data,
    input  logic         beat_err,

    output logic [NUM_QUEUES-1:0] avail,    // a descriptor is here
    output logic [NUM_QUEUES-1:0] packet,   // and one with EOP
    output logic [NUM_QUEUES-1:0] full,     // all places are taken
    output logic [NUM_QUEUES-1:0] posted,   // the ring holds descriptors that were not used
    output logic [NUM_QUEUES-1:0] busy,     // reads under way
    output logic                  asking,   // or about to be
    input  logic [        QW-1:0] look_q,
    output logic [          15:0] look_taken,
    input  logic [        QW-1:0] head_q,
    output logic [          15:0] head_index,

    // use: read any place (2 cycles), take one
    input  logic          rd_en,
    input  logic [QW-1:0] rd_q,
    input  logic [   4:0] rd_place,
    output logic [ 127:0] rd_data,
    input  logic          take,
    input  logic [QW-1:0] take_q,
    output logic                  moves  // something happens in this cycle
);
  localparam logic [7:0] R_LO = 8'(CFG_BASE) + espalier_regs_pkg::Q_TX_RING_LO[7:0];
  localparam logic [7:0] R_HI = 8'(CFG_BASE) + espalier_regs_pkg::Q_TX_RING_HI[7:0];
  localparam logic [7:0] R_SIZE = 8'(CFG_BASE) + espalier_regs_pkg::Q_TX_SIZE[7:0];
  localparam logic [7:0] R_TAIL = 8'(CFG_BASE) + espalier_regs_pkg::Q_TX_TAIL[7:0];

  localparam int ADDR_W = $clog2(NUM_QUEUES * 32);

  logic [15:0] tail[0:NUM_QUEUES-1];
  logic [15:0] head[0:NUM_QUEUES-1];
  logic [15:0] arrived[0:NUM_QUEUES-1];
  logic [15:0] taken[0:NUM_QUEUES-1];
  logic [15:0] eop_end[0:NUM_QUEUES-1];  // behind the last descriptor with EOP that came in

  assign look_taken = taken[look_q];
  assign head_index = head[head_q];

  // -------------------------------------------------- configuration, by queue
  logic [QW-1:0] cq;  // queue whose fetch is being worked out
  logic [25:0] base_lo;
  logic [31:0] base_hi;
  logic [3:0] size;
  ram_lut #(.WIDTH(26), .DEPTH(NUM_QUEUES)) u_lo (
      .clk(clk), .we(cfg_we && cfg_reg == R_LO), .waddr(cfg_q), .wdata(cfg_data[31:6]),
      .raddr(cq), .rdata(base_lo));
  ram_lut #(.WIDTH(32), .DEPTH(NUM_QUEUES)) u_hi (
      .clk(clk), .we(cfg_we && cfg_reg == R_HI), .waddr(cfg_q), .wdata(cfg_data),
      .raddr(cq), .rdata(base_hi));
  ram_lut #(.WIDTH(4), .DEPTH(NUM_QUEUES)) u_size (
      .clk(clk), .we(cfg_we && cfg_reg == R_SIZE), .waddr(cfg_q), .wdata(cfg_data[3:0]),
      .raddr(cq), .rdata(size));

  // ------------------------------------------------------------------ status
  typedef enum logic [2:0] {IDLE, DIFF, LIMIT, ADDR, CUT, ISSUE} state_t;
  state_t state;
  logic [NUM_QUEUES-1:0] need;
  logic [5:0] kept[0:NUM_QUEUES-1];  // here or on the way
  always_comb begin
    for (int q = 0; q < NUM_QUEUES; q++) begin
      avail[q]  = (arrived[q][5:0] != taken[q][5:0]);
      packet[q] = (eop_end[q][5:0] != taken[q][5:0]);
      full[q]   = ((arrived[q][5:0] ^ taken[q][5:0]) == 6'h20);
      posted[q] = (tail[q] != taken[q]);
      busy[q]   = (head[q][5:0] != arrived[q][5:0]) || ((state != IDLE) && (cq == QW'(q)));
      kept[q]   = head[q][5:0] - taken[q][5:0];
      need[q]   = run[q] && (tail[q] != head[q]) && !kept[q][5] &&
                  (kept[q][4:3] != 2'b11 || !(CHAINS != 0 ? packet[q] : avail[q]));
    end
  end

  // ----------------------------------------------------------------- request
  logic any;
  logic [QW-1:0] pick;
  rr_pick #(.N(NUM_QUEUES)) u_rr (.req(need), .last(cq), .any(any), .pick(pick));

  logic [15:0] ahead;    // posted and not asked for
  logic [12:0] entries, to_wrap;
  logic [11:0] slot;
  logic [5:0] room;
  logic [4:0] n;
  logic [32:0] sum_lo;
  logic [31:0] sum_hi;
  logic ord_ready, overrun;

  assign asking   = any;
  logic stirs;
  assign stirs    = any || (state != IDLE) || take || (clear != '0);
  assign moves    = stirs || beat || cfg_we;
  assign ar_valid = (state == ISSUE);
  assign ar_addr  = {sum_hi, sum_lo[31:0]};
  assign ar_len   = {3'b0, n} - 8'd1;

  logic [8:0] to_page;

  always_ff @(posedge clk) begin
    overrun <= 1'b0;
    case (state)
      IDLE:
      if (any) begin
        cq    <= pick;
        state <= DIFF;
      end
      DIFF: begin
        ahead   <= tail[cq] - head[cq];
        room    <= 6'd32 - (head[cq][5:0] - taken[cq][5:0]);
        entries <= 13'd1 << size;
        slot    <= head[cq][11:0] & ((12'd1 << size) - 12'd1);
        state   <= LIMIT;
      end
      LIMIT: begin
        to_wrap <= entries - {1'b0, slot};
        n       <= (room[5:4] != 2'b00) ? 5'd16 : room[4:0];
        sum_lo  <= {1'b0, base_lo, 6'b0} + {17'b0, slot, 4'b0};
        overrun <= (ahead > {3'b0, entries});
        state   <= (ahead > {3'b0, entries}) ? IDLE : ADDR;
      end
      ADDR: begin
        if (ahead < {11'b0, n}) n <= ahead[4:0];
        sum_hi  <= base_hi + {31'b0, sum_lo[32]};
        to_page <= 9'd256 - {1'b0, sum_lo[11:4]};
        state   <= CUT;
      end
      CUT: begin
        if (to_wrap < {8'b0, n} && to_wrap <= {4'b0, to_page}) n <= to_wrap[4:0];
        else if (to_page < {4'b0, n}) n <= to_page[4:0];
        if (ord_ready) state <= ISSUE;
      end
      default: if (ar_valid && ar_ready) state <= IDLE;
    endcase
    if (rst) begin
      state <= IDLE;
      cq    <= '0;
    end
  end

  // ----------------------------------------------------------------- arrival
  logic [QW-1:0] fq;
  logic [4:0] fn, got;
  logic unused_ord_valid;
  logic [3:0] unused_ord_count;
  fifo_sync #(.WIDTH(QW + 5), .DEPTH(8)) u_order (
      .clk(clk), .rst(rst),
      .s_valid(ar_valid && ar_ready), .s_ready(ord_ready), .s_data({cq, n}),
      .m_valid(unused_ord_valid), .m_ready(beat && (got + 5'd1 == fn)), .m_data({fq, fn}),
      .count(unused_ord_count));

  // A descriptor that was not read right must not end a packet.
  logic eop;
  assign eop = beat_data[80] && !beat_err;

  ram_1r1w #(.WIDTH(128), .DEPTH(NUM_QUEUES * 32)) u_mem (
      .clk(clk),
      .we(beat), .waddr(ADDR_W'({fq, arrived[fq][4:0]})),
      .wdata({beat_data[127:81], eop, beat_data[79:0]}),
      .re(rd_en), .raddr(ADDR_W'({rd_q, rd_place})), .rdata(rd_data));

  // A cycle late: whoever uses a descriptor asks for `run` and for no fault.
  always_ff @(posedge clk) begin
    fault   <= ((beat && beat_err) || overrun) && !rst;
    fault_q <= (beat && beat_err) ? fq : cq;
    if (beat) begin
      got         <= (got + 5'd1 == fn) ? 5'd0 : got + 5'd1;
      arrived[fq] <= arrived[fq] + 16'd1;
    end
    if (ar_valid && ar_ready) head[cq] <= head[cq] + {11'b0, n};
    if (take) taken[take_q] <= taken[take_q] + 16'd1;
    // A chain that is used up before its end came in takes the mark along.
    if (take && !packet[take_q]) eop_end[take_q] <= taken[take_q] + 16'd1;
    if (beat && eop) eop_end[fq] <= arrived[fq] + 16'd1;
    if (cfg_we && cfg_reg == R_TAIL) tail[cfg_q] <= cfg_data[15:0];
    for (int q = 0; q < NUM_QUEUES; q++) begin
      if (rst || clear[q]) begin
        tail[q]    <= 16'd0;
        head[q]    <= 16'd0;
        arrived[q] <= 16'd0;
        taken[q]   <= 16'd0;
        eop_end[q] <= 16'd0;
      end
    end
    if (rst) got <= 5'd0;
  end

  logic unused;
  assign unused = &{1'b0, unused_ord_valid, unused_ord_count};
endmodule
