// SPDX-License-Identifier: Apache-2.0
//
// gcm_seq: turns packet commands into slots, one slot every CYCLES cycles (1, 2 or 4).
//
// A command waits for salt and key size from the context RAM (2 cycles) and then
// in a FIFO; the slots of a packet are its AAD blocks, its data blocks and one LEN
// slot, contiguous, and the first slot of the next packet follows the LEN slot at
// once when its command is in the FIFO. First slot of a packet at the earliest 4
// cycles after the command is accepted; slots begin in every CYCLES-th cycle since
// reset, so it may be CYCLES - 1 more. Takes a command per cycle.
//
// STREAMS sums of GHASH are under way (gcm_core).
module gcm_seq #(
    parameter int KEY_ENTRIES = 512,
    parameter int USER_W = 32,
    parameter int CYCLES = 1,
    parameter int STREAMS = 4,
    parameter int PW = $clog2(STREAMS),
    parameter int KW = $clog2(KEY_ENTRIES)
) (
    input  logic              clk,
    input  logic              rst,
    input  logic              ctx_we,
    input  logic [KW-1:0]     ctx_waddr,
    input  logic [32:0]       ctx_wdata,
    input  logic              cmd_valid,
    output logic              cmd_ready,
    input  logic [KW-1:0]     cmd_key,
    input  logic              cmd_decrypt,
    input  logic [63:0]       cmd_iv,
    input  logic [13:0]       cmd_aad_len,
    input  logic [13:0]       cmd_len,
    input  logic [USER_W-1:0] cmd_user,
    output logic              busy,
    // The slot of this cycle
    output logic              slot_valid,
    output logic [1:0]        slot_kind,
    output logic              slot_decrypt,
    output logic              slot_aes256,
    output logic [KW-1:0]     slot_key,
    output logic [127:0]      slot_counter,    // counter block
    output logic [127:0]      slot_lengths,    // LEN block of GHASH
    output logic [3:0]        slot_bytes,      // bytes in the block, 0: 16
    output logic              slot_last_data,
    output logic [PW-1:0]     slot_power,      // multiplied by H^(slot_power + 1)
    output logic              slot_chained,    // added to the product STREAMS slots ago
    output logic              slot_sum,        // product goes into the tag
    output logic              slot_sum_first,
    output logic [USER_W-1:0] slot_user
);
  localparam int CW = KW + 1 + 64 + 14 + 14 + USER_W;
  localparam int FW = CW + 33 + 12 + 11 + 11;
  localparam int DEPTH = 4;

  // Command pipeline beside the context RAM.
  logic          fire, c1_valid, c2_valid;
  logic [CW-1:0] c1, c2;
  logic [13:0]   c1_aad, c1_len;
  logic [10:0]   c2_na, c2_nd;
  logic [32:0]   c2_ctx;
  logic [2:0]    count;

  assign fire      = cmd_valid && cmd_ready;
  assign cmd_ready = ({1'b0, count} + {3'd0, c1_valid} + {3'd0, c2_valid} < 4'(DEPTH));

  ram_1r1w #(
      .WIDTH(33),
      .DEPTH(KEY_ENTRIES)
  ) u_ctx (
      .clk  (clk),
      .we   (ctx_we),
      .waddr(ctx_waddr),
      .wdata(ctx_wdata),
      .re   (fire),
      .raddr(cmd_key),
      .rdata(c2_ctx)
  );

  assign {c1_aad, c1_len} = c1[27:0];
  always_ff @(posedge clk) begin
    c1_valid <= fire;
    c2_valid <= c1_valid;
    if (fire) c1 <= {cmd_key, cmd_decrypt, cmd_iv, cmd_user, cmd_aad_len, cmd_len};
    if (c1_valid) begin
      c2    <= c1;
      c2_na <= {1'b0, c1_aad[13:4]} + {10'd0, |c1_aad[3:0]};
      c2_nd <= {1'b0, c1_len[13:4]} + {10'd0, |c1_len[3:0]};
    end
    if (rst) begin
      c1_valid <= 1'b0;
      c2_valid <= 1'b0;
    end
  end

  logic              f_valid, f_ready, unused_ready;
  logic [FW-1:0]     f_data;
  logic [KW-1:0]     f_key;
  logic              f_decrypt, f_aes256;
  logic [63:0]       f_iv;
  logic [USER_W-1:0] f_user;
  logic [13:0]       f_aad, f_len;
  logic [31:0]       f_salt;
  logic [11:0]       f_n;
  logic [10:0]       f_na, f_nd;

  fifo_sync #(
      .WIDTH(FW),
      .DEPTH(DEPTH)
  ) u_cmds (
      .clk    (clk),
      .rst    (rst),
      .s_valid(c2_valid),
      .s_ready(unused_ready),
      .s_data ({c2, c2_ctx, {1'b0, c2_na} + {1'b0, c2_nd} + 12'd1, c2_na, c2_nd}),
      .m_valid(f_valid),
      .m_ready(f_ready),
      .m_data (f_data),
      .count  (count)
  );
  assign {f_key, f_decrypt, f_iv, f_user, f_aad, f_len, f_aes256, f_salt, f_n, f_na, f_nd} =
      f_data;

  // The packet whose slots are running.
  logic [63:0] iv;
  logic [31:0] salt;
  logic [13:0] aad, len;
  logic [11:0] n_left;          // hashed blocks, this one included
  logic [10:0] na_left, nd_left;
  logic [10:0] ctr;             // of the next data block, counts from 2
  logic [PW:0] index;           // of the block in GHASH, stays at STREAMS
  logic        running, last_aad;
  logic [10:0] ctr_now;
  logic [16:0] aad_bits, len_bits;

  // A slot is given in the first of its cycles and stands until the last.
  logic now, last_cycle, free;
  generate
    if (CYCLES == 1) begin : g_every
      assign now        = 1'b1;
      assign last_cycle = 1'b1;
      assign free       = !running || slot_kind == gcm_pkg::SLOT_LEN;
    end else begin : g_some
      logic [$clog2(CYCLES)-1:0] cycle;
      always_ff @(posedge clk) begin
        cycle      <= rst ? '0 : cycle + 1'b1;
        now        <= rst || last_cycle;
        last_cycle <= !rst && 32'(cycle) == CYCLES - 2;
        free       <= !running || slot_kind == gcm_pkg::SLOT_LEN;
      end
    end
  endgenerate

  assign f_ready    = last_cycle && free;
  assign busy       = c1_valid || c2_valid || f_valid || running;
  assign slot_valid = now && running;

  always_ff @(posedge clk) begin
    if (f_ready) begin
      running <= f_valid;
      if (f_valid) begin
        slot_kind    <= (f_na != 11'd0) ? gcm_pkg::SLOT_AAD :
                        (f_nd != 11'd0) ? gcm_pkg::SLOT_DATA : gcm_pkg::SLOT_LEN;
        slot_decrypt <= f_decrypt;
        slot_aes256  <= f_aes256;
        slot_key     <= f_key;
        slot_user    <= f_user;
        iv           <= f_iv;
        salt         <= f_salt;
        aad          <= f_aad;
        len          <= f_len;
        n_left       <= f_n;
        na_left      <= f_na;
        nd_left      <= f_nd;
        ctr          <= 11'd2;
        index        <= '0;
      end
    end else if (last_cycle) begin
      n_left <= n_left - 1'b1;
      if (!index[PW]) index <= index + 1'b1;
      if (slot_kind == gcm_pkg::SLOT_AAD) begin
        na_left <= na_left - 1'b1;
        if (last_aad) slot_kind <= (nd_left != 11'd0) ? gcm_pkg::SLOT_DATA : gcm_pkg::SLOT_LEN;
      end else begin
        nd_left <= nd_left - 1'b1;
        ctr     <= ctr + 1'b1;
        if (slot_last_data) slot_kind <= gcm_pkg::SLOT_LEN;
      end
    end
    if (rst) running <= 1'b0;
  end

  assign last_aad       = (slot_kind == gcm_pkg::SLOT_AAD) && (na_left == 11'd1);
  assign slot_last_data = (slot_kind == gcm_pkg::SLOT_DATA) && (nd_left == 11'd1);
  assign slot_bytes     = last_aad ? aad[3:0] : slot_last_data ? len[3:0] : 4'd0;
  assign slot_chained   = index[PW];
  // n_left <= STREAMS, without a carry chain
  assign slot_sum       = (n_left[11:PW+1] == '0) && (!n_left[PW] || n_left[PW-1:0] == '0);
  assign slot_sum_first = (n_left == 12'(STREAMS)) || (index == '0);
  assign slot_power     = slot_sum ? n_left[PW-1:0] - 1'b1 : '1;

  // J0 = IV | 1 (SP 800-38D 7.1), counter in big-endian byte order.
  assign ctr_now      = (slot_kind == gcm_pkg::SLOT_LEN) ? 11'd1 : ctr;
  assign slot_counter = {ctr_now[7:0], 5'd0, ctr_now[10:8], 16'd0, iv, salt};

  assign aad_bits     = {aad, 3'd0};
  assign len_bits     = {len, 3'd0};
  assign slot_lengths = {
    len_bits[7:0], len_bits[15:8], 7'd0, len_bits[16], 40'd0,
    aad_bits[7:0], aad_bits[15:8], 7'd0, aad_bits[16], 40'd0
  };
endmodule
