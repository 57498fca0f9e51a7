// SPDX-License-Identifier: Apache-2.0
//
// gcm_core: AES-GCM, one 128-bit block every CYCLES cycles (1, 2 or 4), any mix of
// keys and packets.
//
// A packet takes ceil(aad_len/16) + ceil(len/16) + 1 slots of CYCLES cycles; packets
// follow each other without a bubble when command and data are offered early enough.
// The ICV leaves 51 cycles after the packet's LEN slot (CYCLES = 2: 52, 4: 58) and
// with it the last data block; data leaves CYCLES cycles later after the slot in
// which it entered.
// All block ports are in stream order (see gcm_pkg).
//
// The client must have s_tvalid in every cycle of s_tready, and room for the
// output before it gives the command. `s_user` is cmd_user of the packet whose
// blocks are taken while s_tready = 1. Contexts are not locked: the client
// installs or zeroizes a context only when none of its packets is in flight.
module gcm_core #(
    parameter int KEY_ENTRIES = 1024,
    parameter int USER_W = 32,
    parameter int SBOX = 0,
    parameter int GMUL = 0,
    parameter int CYCLES = 1,
    parameter int KW = $clog2(KEY_ENTRIES)
) (
    input  logic              clk,
    input  logic              rst,
    // Key contexts
    input  logic              key_valid,
    output logic              key_ready,
    output logic              key_busy,     // a command is under way
    input  logic              key_zeroize,
    input  logic [KW-1:0]     key_idx,
    input  logic              key_aes256,
    input  logic [255:0]      key_data,
    input  logic [31:0]       key_salt,
    output logic              key_done,
    // Packet commands
    input  logic              cmd_valid,
    output logic              cmd_ready,
    input  logic [KW-1:0]     cmd_key,
    input  logic              cmd_decrypt,
    input  logic [63:0]       cmd_iv,
    input  logic [13:0]       cmd_aad_len,
    input  logic [13:0]       cmd_len,
    input  logic [USER_W-1:0] cmd_user,
    // Blocks: AAD, then data
    input  logic              s_tvalid,
    output logic              s_tready,
    input  logic [127:0]      s_tdata,
    output logic [USER_W-1:0] s_user,
    // Results
    output logic              m_valid,
    output logic [127:0]      m_data,
    output logic              m_last,
    output logic              m_icv_valid,
    output logic [127:0]      m_icv,
    output logic [USER_W-1:0] m_user,
    output logic              idle
);
  // Cycles after the slot: keystream and data meet, hash block is ready,
  // product is ready.
  localparam int T_XOR = gcm_pkg::AES_LATENCY + CYCLES - 1;
  localparam int T_HASH = T_XOR + 1;
  localparam int STAGES = (CYCLES == 4) ? gcm_pkg::GHASH_STAGES_SERIAL : gcm_pkg::GHASH_STAGES;
  localparam int T_SUM = T_HASH + STAGES;
  localparam int AW = 6;  // delay memories, more than T_XOR entries
  // Sums under way in the multiply-accumulate loop = powers of H kept for each key.
  localparam int STREAMS = STAGES / CYCLES;
  localparam int PW = $clog2(STREAMS);
  localparam int MW = 2 + 1 + 4 + 1 + KW + PW + 3 + USER_W;

  // ------------------------------------------------------------ contexts
  logic [KW-1:0] w_key;
  logic          rk_we, h_we, ctx_we;
  logic [3:0]    rk_stage;
  logic [127:0]  rk_data, h_data;
  logic [PW-1:0] h_power;
  logic [32:0]   ctx_data;

  gcm_keys #(
      .KEY_ENTRIES(KEY_ENTRIES),
      .SBOX       (SBOX),
      .POWERS     (STREAMS),
      .DIGIT      ((CYCLES == 4) ? 1 : 4)
  ) u_keys (
      .clk        (clk),
      .rst        (rst),
      .key_valid  (key_valid),
      .key_ready  (key_ready),
      .key_busy   (key_busy),
      .key_zeroize(key_zeroize),
      .key_idx    (key_idx),
      .key_aes256 (key_aes256),
      .key_data   (key_data),
      .key_salt   (key_salt),
      .key_done   (key_done),
      .w_key      (w_key),
      .rk_we      (rk_we),
      .rk_stage   (rk_stage),
      .rk_data    (rk_data),
      .h_we       (h_we),
      .h_power    (h_power),
      .h_data     (h_data),
      .ctx_we     (ctx_we),
      .ctx_data   (ctx_data)
  );

  // --------------------------------------------------------------- slots
  logic              seq_busy, slot_valid, slot_decrypt, slot_aes256, slot_last_data;
  logic              slot_chained, slot_sum, slot_sum_first;
  logic [1:0]        slot_kind;
  logic [PW-1:0]     slot_power;
  logic [KW-1:0]     slot_key;
  logic [127:0]      slot_counter, slot_lengths;
  logic [3:0]        slot_bytes;
  logic [USER_W-1:0] slot_user;

  gcm_seq #(
      .KEY_ENTRIES(KEY_ENTRIES),
      .USER_W     (USER_W),
      .CYCLES     (CYCLES),
      .STREAMS    (STREAMS)
  ) u_seq (
      .clk           (clk),
      .rst           (rst),
      .ctx_we        (ctx_we),
      .ctx_waddr     (w_key),
      .ctx_wdata     (ctx_data),
      .cmd_valid     (cmd_valid),
      .cmd_ready     (cmd_ready),
      .cmd_key       (cmd_key),
      .cmd_decrypt   (cmd_decrypt),
      .cmd_iv        (cmd_iv),
      .cmd_aad_len   (cmd_aad_len),
      .cmd_len       (cmd_len),
      .cmd_user      (cmd_user),
      .busy          (seq_busy),
      .slot_valid    (slot_valid),
      .slot_kind     (slot_kind),
      .slot_decrypt  (slot_decrypt),
      .slot_aes256   (slot_aes256),
      .slot_key      (slot_key),
      .slot_counter  (slot_counter),
      .slot_lengths  (slot_lengths),
      .slot_bytes    (slot_bytes),
      .slot_last_data(slot_last_data),
      .slot_power    (slot_power),
      .slot_chained  (slot_chained),
      .slot_sum      (slot_sum),
      .slot_sum_first(slot_sum_first),
      .slot_user     (slot_user)
  );
  assign s_tready = slot_valid && slot_kind != gcm_pkg::SLOT_LEN;
  assign s_user   = slot_user;

`ifndef SYNTHESIS
  always_ff @(posedge clk) begin
    if (s_tready && !rst) assert (s_tvalid);
  end
`else
  logic unused_tvalid;
  assign unused_tvalid = s_tvalid;
`endif

  // vld[k]: there was a slot k cycles ago.
  logic [T_SUM:1] vld;
  always_ff @(posedge clk) begin
    vld <= {vld[T_SUM-1:1], slot_valid};
    if (rst) vld <= '0;
  end

  // ----------------------------------------------------------------- AES
  // The memories of round keys have an address of their own: it leads to all of them.
  logic [KW-1:0] aes_key;
  always_ff @(posedge clk) aes_key <= w_key;

  logic [127:0] keystream;
  aes_pipe #(
      .KEY_ENTRIES(KEY_ENTRIES),
      .SBOX       (SBOX),
      .CYCLES     (CYCLES)
  ) u_aes (
      .clk      (clk),
      .rst      (rst),
      .key_we   (rk_we),
      .key_stage(rk_stage),
      .key_waddr(aes_key),
      .key_wdata(rk_data),
      .s_valid  (slot_valid && slot_kind != gcm_pkg::SLOT_AAD),
      .s_aes256 (slot_aes256),
      .s_key    (slot_key),
      .s_block  (slot_counter),
      .m_block  (keystream)
  );

  // What waits for the AES pipe: the block and, one cycle earlier, the rest of
  // the slot. The pointers move only while slots are in flight.
  logic          moving;
  logic [AW-1:0] wptr, rptr_data, rptr_meta;
  logic [127:0]  data_q;
  logic [MW-1:0] meta_q;

  assign moving = slot_valid || vld != '0;
  always_ff @(posedge clk) begin
    if (moving) begin
      wptr      <= wptr + 1'b1;
      rptr_data <= rptr_data + 1'b1;
      rptr_meta <= rptr_meta + 1'b1;
    end
    if (rst) begin
      wptr      <= '0;
      rptr_data <= AW'(2 - T_XOR);
      rptr_meta <= AW'(3 - T_XOR);
    end
  end

  ram_1r1w #(
      .WIDTH(128),
      .DEPTH(1 << AW)
  ) u_data (
      .clk  (clk),
      .we   (slot_valid),
      .waddr(wptr),
      .wdata(slot_kind == gcm_pkg::SLOT_LEN ? slot_lengths : s_tdata),
      .re   (vld[T_XOR-2]),
      .raddr(rptr_data),
      .rdata(data_q)
  );

  ram_1r1w #(
      .WIDTH(MW),
      .DEPTH(1 << AW)
  ) u_meta (
      .clk  (clk),
      .we   (slot_valid),
      .waddr(wptr),
      .wdata({slot_kind, slot_decrypt, slot_bytes, slot_last_data, slot_key, slot_power,
              slot_chained, slot_sum, slot_sum_first, slot_user}),
      .re   (vld[T_XOR-3]),
      .raddr(rptr_meta),
      .rdata(meta_q)
  );

  // Cycle T_XOR - 1: slot from memory, power of H is addressed.
  logic [1:0]        q_kind;
  logic [PW-1:0]     q_power;
  logic              q_decrypt, q_last, q_chained, q_sum, q_sum_first;
  logic [3:0]        q_bytes;
  logic [KW-1:0]     q_key;
  logic [USER_W-1:0] q_user;
  logic [127:0]      h_q;
  assign {q_kind, q_decrypt, q_bytes, q_last, q_key, q_power, q_chained, q_sum, q_sum_first,
          q_user} = meta_q;

  ram_1r1w #(
      .WIDTH(128),
      .DEPTH(KEY_ENTRIES * STREAMS)
  ) u_powers (
      .clk  (clk),
      .we   (h_we),
      .waddr({w_key, h_power}),
      .wdata(h_data),
      .re   (vld[T_XOR-1]),
      .raddr({q_key, q_power}),
      .rdata(h_q)
  );

  // Cycle T_XOR: exclusive or with the key stream.
  logic              x_data, x_len, x_encrypt, x_last, x_chained, x_sum, x_sum_first;
  logic [15:0]       x_mask;
  logic [USER_W-1:0] x_user;
  always_ff @(posedge clk) begin
    if (vld[T_XOR-1]) begin
      x_data      <= (q_kind == gcm_pkg::SLOT_DATA);
      x_len       <= (q_kind == gcm_pkg::SLOT_LEN);
      x_encrypt   <= (q_kind == gcm_pkg::SLOT_DATA) && !q_decrypt;
      x_mask      <= (q_bytes == 4'd0) ? 16'hffff : ~(16'hffff << q_bytes);
      x_last      <= q_last;
      x_chained   <= q_chained;
      x_sum       <= q_sum;
      x_sum_first <= q_sum_first;
      x_user      <= q_user;
    end
  end

  // Cycle T_HASH: what is hashed and what leaves the core (the LEN slot carries
  // AES(J0) in the place of data).
  localparam int RW = 4 + 1 + USER_W + 128;
  logic [127:0]  bitmask, hash_in, out_data;
  logic          hash_chained;
  logic [USER_W:0] out_meta;
  logic [3:0]    out_flags;

  always_comb begin
    bitmask = '0;
    // Most blocks are whole; said apart where that is for a simulator.
    if (SBOX == 0 && vld[T_XOR] && x_mask == 16'hffff) bitmask = {128{1'b1}};
    else if (vld[T_XOR]) begin
      for (int i = 0; i < 16; i++) bitmask[8*i+:8] = {8{x_mask[i]}};
    end
  end
  always_ff @(posedge clk) begin
    if (vld[T_XOR]) begin
      hash_in       <= gcm_pkg::poly(bitmask & (data_q ^ (x_encrypt ? keystream : 128'd0)));
      hash_chained  <= x_chained;
      out_data      <= bitmask & ((x_len ? 128'd0 : data_q) ^
                                  (x_data || x_len ? keystream : 128'd0));
      out_flags     <= {x_data, x_len, x_sum, x_sum_first};
      out_meta      <= {x_last, x_user};
    end
  end

  logic [127:0] product, operand;
  always_comb begin
    operand = '0;
    if (vld[T_HASH]) operand = hash_in ^ (hash_chained ? product : 128'd0);
  end
  gf128_mul #(
      .GMUL  (GMUL),
      .STAGES(STAGES)
  ) u_mul (
      .clk    (clk),
      .rst    (rst),
      .s_valid(vld[T_HASH]),
      .a      (operand),
      .b      (h_q),
      .p      (product)
  );

  // Cycle T_SUM: sum of the last products.
  logic [RW-1:0]     r_all;
  logic              r_data, r_len, r_sum, r_sum_first, r_last;
  logic [USER_W-1:0] r_user;
  logic [127:0]      r_out, acc, sum;
  ram_lut #(
      .WIDTH(RW),
      .DEPTH(16)
  ) u_out (
      .clk  (clk),
      .we   (vld[T_HASH]),
      .waddr(wptr[3:0]),
      .wdata({out_flags, out_meta, out_data}),
      .raddr(wptr[3:0] - 4'(STAGES)),
      .rdata(r_all)
  );
  assign {r_data, r_len, r_sum, r_sum_first, r_last, r_user, r_out} = r_all;

  always_comb begin
    sum = '0;
    if (vld[T_SUM]) sum = product ^ (r_sum_first ? 128'd0 : acc);
  end

  // Data waits for the slot behind it, which may bring the ICV.
  logic [CYCLES-1:0] hold_valid;
  logic              hold_last;
  logic [127:0]      hold_data;
  logic [USER_W-1:0] hold_user;
  always_ff @(posedge clk) begin
    hold_valid  <= CYCLES'({hold_valid, vld[T_SUM] && r_data});
    m_valid     <= hold_valid[CYCLES-1];
    m_icv_valid <= vld[T_SUM] && r_len;
    if (vld[T_SUM]) begin
      if (r_sum) acc <= sum;
      if (r_len) begin
        m_icv  <= gcm_pkg::poly(sum) ^ r_out;
        m_user <= r_user;
      end
      if (r_data) begin
        hold_data <= r_out;
        hold_last <= r_last;
        hold_user <= r_user;
      end
    end
    if (hold_valid[CYCLES-1]) begin
      m_data <= hold_data;
      m_last <= hold_last;
      m_user <= hold_user;
    end
    if (rst) begin
      hold_valid  <= '0;
      m_valid     <= 1'b0;
      m_icv_valid <= 1'b0;
    end
  end

  assign idle = !(seq_busy || vld != '0 || hold_valid != '0 || m_valid || m_icv_valid);
endmodule
