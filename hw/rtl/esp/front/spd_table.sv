// SPDX-License-Identifier: Apache-2.0
//
// spd_table: the policies, their parity, and the table bus.
//
// The walker reads whole entries: rdata 2 cycles after rd, rbad (parity is
// wrong) 2 cycles after rdata. What a policy decides is kept a second time,
// with parity of its own, for the answers: a_data 2 cycles after a_rd.
//
// A write: `flush` for one cycle takes back every decision; `hold` from then
// on keeps lookups and walks from starting until the entry is written, the
// cache is empty and the operation acknowledged. A read takes 6 cycles, in
// which `pause` stops a walk. After rst the table is cleared (ENTRIES cycles).
//
// An entry is kept as two halves: words of the struct that tell of the source, the
// flags lowest, and those of the destination, the handle lowest. HALVES = 2: these are
// two words of the memory, which suits the depth of block RAM when there are few
// entries; then rd at most every other cycle, the first half on rdata 2 cycles later,
// the second behind it and rbad 2 cycles behind that. A read takes 8 cycles and
// the clearing twice as many.
//
// tbl_rdata is for a register that moves down by 64 bits a cycle (table_stage): with
// HALVES = 2 the first half comes a cycle before tbl_ack, 64 bits up.
module spd_table #(
    parameter int ENTRIES = 256,
    parameter int IDX_W = 8,
    parameter int HALVES = 1,
    parameter int TEST_HOOKS = 0
) (
    input  logic              clk,
    input  logic              rst,
    output logic              init_done,
    input  logic              tbl_valid,
    input  logic [3:0]        tbl_op,
    input  logic [3:0]        tbl_table,
    input  logic [15:0]       tbl_index,
    input  logic [1023:0]     tbl_wdata,
    output logic              tbl_ack,
    output logic [3:0]        tbl_res,
    output logic [1023:0]     tbl_rdata,
    output logic              flush,
    output logic              hold,
    output logic              pause,
    input  logic              cache_busy,
    output logic [IDX_W:0]    top,
    input  logic              walking,    // rd may come
    input  logic              rd,
    input  logic [IDX_W-1:0]  raddr,
    output logic [639:0]      rdata,      // HALVES = 2: a half, in the low bits
    output logic              rbad,
    input  logic              a_rd,
    input  logic [IDX_W-1:0]  a_idx,
    output logic [50:0]       a_data   // parity, action, handle, reqid
);
  localparam logic [3:0] OP_READ = espalier_pkg::OP_READ;
  localparam logic [3:0] OP_ADD = espalier_pkg::OP_ADD;
  localparam logic [3:0] OP_DELETE = espalier_pkg::OP_DELETE;
  localparam logic [3:0] OP_FLUSH = espalier_pkg::OP_FLUSH;
  localparam logic [3:0] OP_CORRUPT = espalier_pkg::OP_CORRUPT;

  localparam logic [2:0] T_INIT = 3'd0;   // clearing
  localparam logic [2:0] T_IDLE = 3'd1;
  localparam logic [2:0] T_READ = 3'd2;
  localparam logic [2:0] T_PREP = 3'd3;   // parity of what is to be written
  localparam logic [2:0] T_FLUSH = 3'd4;
  localparam logic [2:0] T_WRITE = 3'd5;
  localparam logic [2:0] T_WAIT = 3'd6;   // for the cache
  localparam logic [2:0] T_ACK = 3'd7;

  // In halves a walk may still be reading in the first cycle; and what is answered is
  // read once more when its parity is about to be known.
  localparam logic [2:0] READ_AT = (HALVES == 1) ? 3'd0 : 3'd1;
  localparam logic [2:0] READ_AGAIN = 3'd4;
  localparam logic [2:0] READ_DONE = (HALVES == 1) ? 3'd4 : 3'd6;

  // Halves of an entry, that of the source low, and the entry of halves.
  function logic [639:0] halved(input logic [639:0] e);
    halved = {e[639:384], e[127:96], e[63:32], e[383:128], e[95:64], e[31:0]};
  endfunction
  function logic [639:0] whole(input logic [319:0] src, input logic [319:0] dst);
    whole = {dst[319:64], src[319:64], dst[63:32], src[63:32], dst[31:0], src[31:0]};
  endfunction

  logic [2:0]       state;
  logic [2:0]       step;
  logic [IDX_W-1:0] at;         // clearing
  logic [IDX_W-1:0] idx;        // of the operation, in a register as what follows
  logic [3:0]       res;
  logic             is_read, has_index, known, in_range, value_ok;
  // In registers, since the entry hangs on them: zeros are written, as OP_DELETE does; and
  // the operation writes an entry.
  logic             erase, entire;

  assign has_index = (tbl_op != OP_FLUSH);
  assign known     = (tbl_table == espalier_pkg::TBL_SPD) &&
                     (tbl_op == OP_READ || tbl_op == OP_ADD || tbl_op == OP_DELETE ||
                      tbl_op == OP_FLUSH || (tbl_op == OP_CORRUPT && TEST_HOOKS != 0));
  assign in_range  = {16'd0, tbl_index} < 32'(ENTRIES);
  // Action 3 and the reserved bits.
  assign value_ok  = (tbl_wdata[4:3] != 2'd3) && (tbl_wdata[7:6] == 2'd0);

  // ------------------------------------------------------------------ memory
  logic              we, par_we, par_in, par_q;
  logic [IDX_W-1:0]  waddr, mem_raddr;
  logic [639:0]      wdata, mem_wdata;
  logic              mem_rd;
  logic [19:0]       w_chunk;
  logic              w_par;
  logic              corrupt_par;
  logic [49:0]       a_in;

  assign we        = (state == T_INIT) ||
                     (state == T_WRITE && entire);
  assign par_we    = we || (state == T_WRITE && tbl_op == OP_CORRUPT);
  assign waddr     = (state == T_INIT) ? at : idx;
  assign wdata     = erase ? 640'd0 : tbl_wdata[639:0];
  assign par_in    = (tbl_op == OP_CORRUPT && state == T_WRITE) ? corrupt_par : (!erase && w_par);
  assign mem_wdata = halved(wdata);
  assign mem_rd    = rd || (state == T_READ &&
                            (step == READ_AT || (HALVES == 2 && step == READ_AGAIN)));
  assign mem_raddr = (state == T_READ) ? idx : raddr;
  assign a_in      = {wdata[4:3], wdata[63:32], wdata[31:16]};

  // Second half of what is read, and of what is written.
  // w_high is there for every 64 bits that it chooses: each follows itself, else they would be
  // merged.
  logic             rd_q, w_last;
  logic [4:0]       w_high;
  logic [IDX_W-1:0] raddr_q;
  assign w_last = (HALVES == 1) || w_high[0];
  always_ff @(posedge clk) begin
    idx     <= tbl_index[IDX_W-1:0];
    erase   <= (state == T_INIT) || (tbl_op == OP_DELETE);
    entire  <= (tbl_op == OP_ADD) || (tbl_op == OP_DELETE);
    raddr_q <= mem_raddr;
    for (int i = 0; i < 5; i++)
      w_high[i] <= !w_high[i] && (state == T_INIT || state == T_WRITE) && !rst;
  end

  generate
    if (HALVES == 1) begin : g_whole
      ram_1r1w #(
          .WIDTH(640),
          .DEPTH(ENTRIES),
          .AW(IDX_W)
      ) u_mem (
          .clk  (clk),
          .we   (we),
          .waddr(waddr),
          .wdata(mem_wdata),
          .re   (mem_rd),
          .raddr(mem_raddr),
          .rdata(rdata)
      );
      logic unused_half;
      assign unused_half = &{1'b0, raddr_q, walking};
    end else begin : g_halves
      logic [319:0] half, w_half;
      always_comb
        for (int i = 0; i < 5; i++)
          w_half[64*i+:64] = w_high[i] ? mem_wdata[320+64*i+:64] : mem_wdata[64*i+:64];
      ram_1r1w #(
          .WIDTH(320),
          .DEPTH(2 * ENTRIES),
          .AW(IDX_W + 1)
      ) u_mem (
          .clk  (clk),
          .we   (we),
          .waddr({waddr, w_high[0]}),
          .wdata(w_half),
          .re   (walking || state == T_READ || rd_q),
          .raddr({rd_q ? raddr_q : mem_raddr, rd_q}),
          .rdata(half)
      );
      assign rdata = {320'd0, half};
    end
  endgenerate

  ram_narrow #(
      .WIDTH(1),
      .DEPTH(ENTRIES),
      .AW(IDX_W)
  ) u_par (
      .clk  (clk),
      .we   (par_we),
      .waddr(waddr),
      .wdata(par_in),
      .re   (mem_rd),
      .raddr(mem_raddr),
      .rdata(par_q)
  );

  ram_1r1w #(
      .WIDTH(51),
      .DEPTH(ENTRIES),
      .AW(IDX_W)
  ) u_answer (
      .clk  (clk),
      .we   (we),
      .waddr(waddr),
      .wdata({^a_in, a_in}),
      .re   (a_rd),
      .raddr(a_idx),
      .rdata(a_data)
  );

  // Parity in two steps, both ways. rd_2: the first half, or all of it, is read.
  localparam int CHUNKS = 20 / HALVES;
  logic rd_2, rd_3, rd_4, r_par, r_odd;
  logic [CHUNKS-1:0] r_chunk;
  always_ff @(posedge clk) begin
    rd_q <= mem_rd;
    rd_2 <= rd_q;
    rd_3 <= rd_2;
    rd_4 <= rd_3;
    if (rd_2 || (HALVES == 2 && rd_3))
      for (int i = 0; i < CHUNKS; i++) r_chunk[i] <= ^rdata[32*i+:32];
    if (rd_2) r_par <= par_q;
    if (rd_3) r_odd <= ^{r_chunk, r_par};
    if (state == T_PREP) begin
      for (int i = 0; i < 20; i++) w_chunk[i] <= ^tbl_wdata[32*i+:32];
      w_par <= ^w_chunk;
    end
    if (state == T_READ) corrupt_par <= !par_q;
  end

  generate
    if (HALVES == 1) begin : g_odd
      assign rbad = r_odd;
      logic unused_rd;
      assign unused_rd = rd_4;
    end else begin : g_sum
      always_ff @(posedge clk) if (rd_4) rbad <= (^r_chunk) ^ r_odd;
    end
  endgenerate

  // -------------------------------------------------------------------- bus
  assign pause     = (state == T_READ) || (state == T_ACK && is_read);
  assign tbl_ack   = (state == T_ACK);
  assign tbl_res   = res;

  logic show, show_first;
  assign show       = (state == T_ACK) && is_read;
  assign show_first = (HALVES == 2) && (state == T_READ) && (step == READ_DONE) && (tbl_op == OP_READ);
  always_comb begin
    tbl_rdata = 1024'd0;
    if (HALVES == 1) begin
      if (show) tbl_rdata[639:0] = whole(rdata[319:0], rdata[639:320]);
    end else begin
      if (show_first) tbl_rdata[703:64] = whole(rdata[319:0], 320'd0);
      if (show) tbl_rdata[639:0] = whole(320'd0, rdata[319:0]);
    end
  end

  always_ff @(posedge clk) begin
    step <= step + 3'd1;
    case (state)
      T_INIT: begin
        if (w_last) at <= at + 1'b1;
        if (w_last && at == IDX_W'(ENTRIES - 1)) state <= T_IDLE;
      end
      T_IDLE: begin
        step    <= 3'd0;
        is_read <= 1'b0;
        res     <= espalier_pkg::RES_OK;
        if (tbl_valid && init_done) begin
          if (!known || (has_index && !in_range) || (tbl_op == OP_ADD && !value_ok)) begin
            res   <= !known ? espalier_pkg::RES_OP :
                     (has_index && !in_range) ? espalier_pkg::RES_INDEX : espalier_pkg::RES_VALUE;
            state <= T_ACK;
          end else if (tbl_op == OP_READ || tbl_op == OP_CORRUPT) begin
            state <= T_READ;
          end else begin
            state <= T_PREP;
          end
        end
      end
      T_READ:
      if (step == READ_DONE) begin
        // rbad is that of this entry now.
        if (tbl_op == OP_READ) begin
          is_read <= 1'b1;
          if (rbad) res <= espalier_pkg::RES_PARITY;
          state <= T_ACK;
        end else begin
          state <= T_FLUSH;
        end
      end
      T_PREP:  if (step == 3'd1) state <= T_FLUSH;
      T_FLUSH: state <= T_WRITE;
      T_WRITE: begin
        if ((tbl_op == OP_ADD || tbl_op == OP_CORRUPT) && {1'b0, idx} >= top)
          top <= {1'b0, idx} + 1'b1;
        if (w_last) state <= T_WAIT;
      end
      T_WAIT:  if (!cache_busy) state <= T_ACK;
      default: state <= T_IDLE;
    endcase
    // In registers, a cycle later than the states: they go everywhere.
    flush     <= (state == T_FLUSH) && !rst;
    hold      <= (state == T_INIT) || (state == T_FLUSH) || (state == T_WRITE) ||
                 (state == T_WAIT) || (state == T_ACK && !is_read);
    init_done <= (state != T_INIT) && (init_done || !cache_busy);
    if (rst) begin
      state     <= T_INIT;
      at        <= '0;
      top       <= '0;
      init_done <= 1'b0;
    end
  end

  logic unused;
  assign unused = &{1'b0, tbl_wdata[1023:640]};
endmodule
