// SPDX-License-Identifier: Apache-2.0
//
// gcm_keys: installs and overwrites key contexts.
//
// One command at a time. First every RAM entry of the context is overwritten
// with zeros, so that nothing of an earlier key survives, whatever its size.
// Then the key schedule and AES_K(0) run together on four S-boxes of the unit's
// own (traffic is not disturbed), and a multiplier of DIGIT bits a cycle raises
// H = AES_K(0) to its powers up to POWERS. Salt and key size are written
// last; then the working registers are cleared.
//
// A command is looked at a cycle before it is taken, so that key_valid, which may come from
// far away, does not lead to the registers of the key.
//
// Cycles from a cycle with key_valid && key_ready to key_done: 131 + P (AES-256), 106 + P
// (AES-128) with P = POWERS + (POWERS - 1) * 128 / DIGIT, 18 (zeroize); they depend on the
// command only.
module gcm_keys #(
    parameter int KEY_ENTRIES = 512,
    parameter int SBOX = 0,
    parameter int POWERS = 4,
    parameter int DIGIT = 4,
    parameter int PW = $clog2(POWERS),
    parameter int KW = $clog2(KEY_ENTRIES)
) (
    input  logic          clk,
    input  logic          rst,
    input  logic          key_valid,
    output logic          key_ready,
    output logic          key_busy,     // a command is under way
    input  logic          key_zeroize,
    input  logic [KW-1:0] key_idx,
    input  logic          key_aes256,
    input  logic [255:0]  key_data,
    input  logic [31:0]   key_salt,
    output logic          key_done,
    // Write ports of the context RAMs
    output logic [KW-1:0] w_key,       // two cycles before the first rk_we, and long behind it
    output logic          rk_we,
    output logic [3:0]    rk_stage,
    output logic [127:0]  rk_data,
    output logic          h_we,
    output logic [PW-1:0] h_power,   // 0: H, 1: H^2
    output logic [127:0]  h_data,
    output logic          ctx_we,
    output logic [32:0]   ctx_data   // {aes256, salt}
);
  localparam logic [2:0] IDLE = 3'd0;
  localparam logic [2:0] CLEAR = 3'd1;
  localparam logic [2:0] ROUND = 3'd2;
  localparam logic [2:0] STORE = 3'd3;
  localparam logic [2:0] MULTIPLY = 3'd4;
  localparam logic [2:0] FINISH = 3'd5;
  localparam logic [2:0] TAKE = 3'd6;

  logic [2:0]   st;
  logic         zeroize, aes256;
  logic [31:0]  salt;
  logic [3:0]   round, last_round;
  logic [2:0]   phase;
  logic [6:0]   count;
  logic [PW-1:0] power;
  logic [7:0]   rcon;
  // In registers, because 128 bits of state hang on each of them.
  logic         ending;   // round == last_round, known a cycle after either changes
  logic         opening;  // round == 0
  logic         mixing;   // phase is 3 to 6: a column of the state comes back
  logic         closing;  // phase is 7
  logic [127:0] ka, kb;   // previous and present round key
  // All in stream order, the multiplier's too, so that none of them has to be turned around.
  logic [127:0] s;        // AES state, then H
  logic [127:0] n;        // next AES state, then the product; zero while nothing runs
  logic [127:0] x;        // multiplier operand, shifted out at the top

  // S-boxes: one word a cycle, sub is the word chosen three cycles ago.
  logic         sub_en;
  logic [31:0]  sub_in, sub_in_q, sub_out, sub;
  logic         rotate;

  assign rotate  = !aes256 || round[0];
  assign sub_en  = (st == ROUND);

  always_comb begin
    sub_in = '0;
    if (sub_en) begin
      case (phase)
        3'd0: sub_in = {s[127:120], s[87:80], s[47:40], s[7:0]};  // ShiftRows
        3'd1: sub_in = {s[31:24], s[119:112], s[79:72], s[39:32]};
        3'd2: sub_in = {s[63:56], s[23:16], s[111:104], s[71:64]};
        3'd3: sub_in = {s[95:88], s[55:48], s[15:8], s[103:96]};
        3'd4: sub_in = rotate ? {kb[103:96], kb[127:104]} : kb[127:96];
        default: sub_in = '0;
      endcase
    end
  end

  generate
    for (genvar i = 0; i < 4; i++) begin : g_sbox
      aes_sbox #(
          .SBOX(SBOX)
      ) u_sbox (
          .clk(clk),
          .en (sub_en),
          .x  (sub_in_q[8*i+:8]),
          .y  (sub_out[8*i+:8])
      );
    end
  endgenerate

  always_ff @(posedge clk) begin
    if (sub_en) begin
      sub_in_q <= sub_in;
      sub      <= sub_out;
    end
  end

  // Next round key and next state column.
  logic [127:0] base, k_next;
  logic [31:0]  col_key, k0, k1, k2, k3;
  always_comb begin
    base    = '0;
    k0      = '0;
    k1      = '0;
    k2      = '0;
    k3      = '0;
    col_key = '0;
    if (sub_en) begin
      base = aes256 ? ka : kb;
      k0   = base[31:0] ^ sub ^ {24'd0, rotate ? rcon : 8'h00};
      k1   = base[63:32] ^ k0;
      k2   = base[95:64] ^ k1;
      k3   = base[127:96] ^ k2;
      case (phase[1:0])
        2'd3: col_key = kb[31:0];
        2'd0: col_key = kb[63:32];
        2'd1: col_key = kb[95:64];
        default: col_key = kb[127:96];
      endcase
    end
  end
  assign k_next = {k3, k2, k1, k0};

  // n * x^DIGIT + digit * H, in polynomial order
  logic [127:0]       h, digits, step_mod;
  logic [127+DIGIT:0] step;
  logic [DIGIT-1:0]   over;
  assign h      = gcm_pkg::poly(s);
  assign digits = gcm_pkg::poly(x);
  always_comb begin
    step     = '0;
    step_mod = '0;
    over     = '0;
    if (st == MULTIPLY) begin
      step = {gcm_pkg::poly(n), {DIGIT{1'b0}}};
      for (int i = 0; i < DIGIT; i++)
        step = step ^ (({{DIGIT{1'b0}}, h} << i) & {(128 + DIGIT) {digits[128-DIGIT+i]}});
      over = step[127+DIGIT:128];
      step_mod = step[127:0] ^ 128'(over) ^ {127'(over), 1'b0} ^ {126'(over), 2'b0} ^ {121'(over), 7'b0};
    end
  end

  assign last_round = aes256 ? 4'd14 : 4'd10;
  assign key_ready  = (st == TAKE);
  assign key_busy   = (st != IDLE);

  // Behind a register: every RAM of round keys hangs on this port.
  always_ff @(posedge clk) begin
    rk_we    <= (st == CLEAR && count != 7'd15) ||
                (st == ROUND && phase == (opening ? 3'd0 : 3'd1));
    rk_stage <= (st == CLEAR) ? count[3:0] :
                aes256 ? round : round + 4'd4;
    rk_data  <= kb;
    if (st != ROUND) rk_data <= 128'd0;
    if (rst) rk_we <= 1'b0;
  end
  assign h_we     = (st == CLEAR && count[6:PW] == '0) || (st == STORE);
  assign h_power  = (st == CLEAR) ? count[PW-1:0] : power;
  assign h_data   = gcm_pkg::poly(n);
  assign ctx_we   = (st == CLEAR && count == 7'd0) || (st == FINISH && !zeroize);
  assign ctx_data = (st == CLEAR) ? 33'd0 : {aes256, salt};

  always_ff @(posedge clk) begin
    key_done <= 1'b0;
    ending   <= (round == last_round);
    mixing   <= (st == ROUND) && phase >= 3'd2 && phase <= 3'd5;
    closing  <= (st == ROUND) && phase == 3'd6;
    case (st)
      IDLE: begin
        zeroize <= key_zeroize;
        aes256  <= key_aes256;
        w_key   <= key_idx;
        if (key_valid) st <= TAKE;
      end
      TAKE: begin
        st      <= CLEAR;
        count   <= '0;
        round   <= '0;
        opening <= 1'b1;
        phase   <= '0;
        power   <= '0;
        rcon    <= 8'h01;
        if (!zeroize) begin
          salt <= key_salt;
          ka   <= key_data[255:128];
          kb   <= key_data[127:0];
          s    <= key_data[127:0];
        end
      end
      CLEAR: begin
        count <= count + 1'b1;
        if (count == 7'd15) st <= zeroize ? FINISH : ROUND;  // the last write is one behind
      end
      // Phases 0..3 feed the state columns, 4 the key word; a column comes back
      // three phases later, the key word in phase 7. "Round 0" makes the first
      // expanded key of AES-128; AES-256 has its second key already, and takes it.
      ROUND: begin
        phase <= phase + 1'b1;
        if (mixing) begin
          n <= {(ending ? sub : gcm_pkg::mix_column(sub)) ^ col_key, n[127:32]};
        end
        if (opening && aes256) begin
          round   <= 4'd1;
          opening <= 1'b0;
          phase   <= '0;
          ka      <= kb;
          kb      <= ka;
        end else if (closing) begin
          round   <= round + 1'b1;
          opening <= 1'b0;
          ka    <= kb;
          kb    <= k_next;
          if (rotate) rcon <= gcm_pkg::xtime(rcon);
          if (!opening) s <= n;
          if (ending) st <= STORE;
        end
      end
      STORE: begin
        x     <= n;
        n     <= '0;
        count <= '0;
        power <= power + 1'b1;
        st    <= (power == PW'(POWERS - 1)) ? FINISH : MULTIPLY;
      end
      MULTIPLY: begin
        n     <= gcm_pkg::poly(step_mod);
        x     <= gcm_pkg::poly(digits << DIGIT);
        count <= count + 1'b1;
        if (count == 7'(128 / DIGIT - 1)) st <= STORE;
      end
      default: begin  // FINISH
        st       <= IDLE;
        key_done <= 1'b1;
        salt     <= '0;
        ka       <= '0;
        kb       <= '0;
        s        <= '0;
        n        <= '0;
        x        <= '0;
      end
    endcase
    if (rst) begin
      st       <= IDLE;
      key_done <= 1'b0;
      salt     <= '0;
      ka       <= '0;
      kb       <= '0;
      s        <= '0;
      n        <= '0;
      x        <= '0;
    end
  end
endmodule
