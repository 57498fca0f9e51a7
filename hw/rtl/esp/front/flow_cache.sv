// SPDX-License-Identifier: Apache-2.0
//
// flow_cache: two-way cache of policy decisions. Key: selector and direction,
// compared in full; value: the index of the policy that matched, or that none
// does.
//
// The two ways have hashes of their own. A flow that finds both its places
// taken throws one out, which on its next packet looks for its other place:
// so the flows move until all have one, as long as there are not more than
// about half as many as places.
//
// Lookup: at most every other cycle, r_* 6 cycles after lk_*. `kill` drops the lookups of a
// client that are under way, not the one at r_*.
// Insertion: ins_ready is high in a cycle without a read, so that no address
// is read while it is written; stop lk_* while waiting for it.
// `flush` empties the cache by starting a new epoch: entries of another epoch
// do not exist. When the epochs are used up (and after rst) the memory is
// really cleared, SETS cycles with `busy` high and no lookups.
//
// Entries carry parity; one that is wrong does not hit. What is checked is the parity of the
// key that was looked up, for only an entry with the same key hits.
module flow_cache #(
    parameter int SETS = 1024,
    parameter int IDX_W = 8,
    parameter int EPOCH_W = 8,
    parameter int AW = $clog2(SETS)
) (
    input  logic                    clk,
    input  logic                    rst,
    input  logic                    flush,
    output logic                    busy,
    input  logic                    lk_valid,
    input  logic                    lk_client,
    input  logic [3:0]              lk_slot,
    input  espalier_pkg::selector_t lk_key,
    input  logic [1:0]              kill,
    output logic                    r_valid,
    output logic                    r_client,
    output logic [3:0]              r_slot,
    output logic                    r_hit,
    output logic                    r_none,
    output logic [IDX_W-1:0]        r_idx,
    output logic [AW-1:0]           r_addr0,  // where an insertion would go
    output logic [AW-1:0]           r_addr1,
    output logic                    r_way,    // in which way
    input  logic                    ins_prep,   // ins_client and ins_key stand
    input  logic                    ins_valid,
    output logic                    ins_ready,
    input  logic                    ins_client,
    input  espalier_pkg::selector_t ins_key,
    input  logic                    ins_none,
    input  logic [IDX_W-1:0]        ins_idx,
    input  logic [AW-1:0]           ins_addr0,
    input  logic [AW-1:0]           ins_addr1,
    input  logic                    ins_way
);
  localparam int KEY_W = $bits(lk_key) + 1;              // direction first
  localparam int BODY_W = KEY_W + IDX_W + 1;
  localparam int CHUNKS = (KEY_W + 15) / 16;
  localparam int WAY_W = BODY_W + EPOCH_W + 1;            // parity at the top
  localparam int KEY_LAST = 16 * (CHUNKS - 1);

  function logic [31:0] rot(input logic [31:0] x, input logic [4:0] n);
    rot = (x << n) | (x >> (6'd32 - {1'b0, n}));
  endfunction

  // Ten words into one. Rotations differ, so that fields that count up
  // together do not cancel out.
  function logic [31:0] fold(input logic [127:0] s, input logic [127:0] d, input logic [31:0] p,
                             input logic [31:0] other);
    fold = ((s[31:0] ^ rot(s[63:32], 5'd7)) ^ (rot(s[95:64], 5'd15) ^ rot(s[127:96], 5'd24))) ^
           ((rot(d[31:0], 5'd11) ^ rot(d[63:32], 5'd19)) ^
            (rot(d[95:64], 5'd28) ^ rot(d[127:96], 5'd3))) ^
           (rot(p, 5'd22) ^ other);
  endfunction

  // CRC-32C of a word: every bit of the result is the parity of about half of
  // the bits, told here as masks, so that it becomes a flat tree of XORs.
  function logic [1023:0] masks(input logic unused_arg);
    logic [31:0] c;
    masks = {1023'd0, unused_arg & 1'b0};
    for (int i = 0; i < 32; i++) begin
      c = 32'd1 << i;
      for (int k = 0; k < 32; k++) c = c[0] ? ((c >> 1) ^ 32'h82f6_3b78) : (c >> 1);
      for (int j = 0; j < 32; j++) masks[32*j+i] = c[j];
    end
  endfunction
  localparam logic [1023:0] MASKS = masks(1'b0);

  // ------------------------------------------------------- epochs, clearing
  logic [EPOCH_W-1:0] epoch;
  logic [AW-1:0]      clear_at;

  always_ff @(posedge clk) begin
    if (busy) begin
      clear_at <= clear_at + 1'b1;
      if (clear_at == AW'(SETS - 1)) busy <= 1'b0;
    end
    if (flush) begin
      // Epoch 0 is what cleared memory holds.
      epoch <= (epoch == '1) ? {{(EPOCH_W - 1) {1'b0}}, 1'b1} : epoch + 1'b1;
      if (epoch == '1) begin
        busy     <= 1'b1;
        clear_at <= '0;
      end
    end
    if (rst) begin
      epoch    <= {{(EPOCH_W - 1) {1'b0}}, 1'b1};
      busy     <= 1'b1;
      clear_at <= '0;
    end
  end

  // ----------------------------------------------------- lookup, stages 1-3
  logic                    s1_valid, s1_client, s2_valid, s2_client, s3_valid, s3_client;
  logic [3:0]              s1_slot, s2_slot, s3_slot;
  espalier_pkg::selector_t s1_key;  // stands for two cycles, as s3_key does
  logic [31:0]             s2_fold;
  logic [AW-1:0]           s2_addr0, s2_addr1;
  logic [AW-1:0]           s3_addr0, s3_addr1;
  logic                    s4_valid, s4_client, s5_valid, s5_client;
  logic [3:0]              s4_slot, s5_slot;
  logic [KEY_W-1:0]        s2_key, s3_key;
  logic [CHUNKS-1:0]       s3_pchunk;
  logic                    s4_par, s5_par;  // of the key
  logic [AW-1:0]           s4_addr0, s4_addr1, s5_addr0, s5_addr1;

  // The lowest bits for one way, the highest for the other.
  assign s2_key = {s2_client, s1_key};
  always_comb begin
    s2_addr0 = '0;
    s2_addr1 = '0;
    if (s2_valid) begin
      for (int j = 0; j < AW; j++) begin
        s2_addr0[j] = ^(s2_fold & MASKS[32*j+:32]);
        s2_addr1[j] = ^(s2_fold & MASKS[32*(32-AW+j)+:32]);
      end
    end
  end

  always_ff @(posedge clk) begin
    s1_valid <= lk_valid && !kill[lk_client] && !rst;
    s2_valid <= s1_valid && !kill[s1_client] && !rst;
    s3_valid <= s2_valid && !kill[s2_client] && !rst;
    s4_valid <= s3_valid && !kill[s3_client] && !rst;
    s5_valid <= s4_valid && !kill[s4_client] && !rst;
    r_valid  <= s5_valid && !kill[s5_client] && !rst;
    if (lk_valid) begin
      s1_client <= lk_client;
      s1_slot   <= lk_slot;
      s1_key    <= lk_key;
    end
    if (s1_valid) begin
      s2_client <= s1_client;
      s2_slot   <= s1_slot;
      s2_fold   <= fold(s1_key.src, s1_key.dst, {s1_key.sport, s1_key.dport},
                        {s1_key.proto, 5'd0, s1_key.ports_ok, s1_key.v6, s1_client, 16'd0});
    end
    if (s2_valid) begin
      s3_client <= s2_client;
      s3_slot   <= s2_slot;
      s3_key    <= s2_key;
      for (int i = 0; i < CHUNKS - 1; i++) s3_pchunk[i] <= ^s2_key[16*i+:16];
      s3_pchunk[CHUNKS-1] <= ^s2_key[KEY_W-1:KEY_LAST];
      s3_addr0  <= s2_addr0;
      s3_addr1  <= s2_addr1;
    end
    if (s3_valid) begin
      s4_client <= s3_client;
      s4_slot   <= s3_slot;
      s4_addr0  <= s3_addr0;
      s4_addr1  <= s3_addr1;
      s4_par    <= ^s3_pchunk;
    end
    if (s4_valid) begin
      s5_client <= s4_client;
      s5_slot   <= s4_slot;
      s5_addr0  <= s4_addr0;
      s5_addr1  <= s4_addr1;
      s5_par    <= s4_par;
    end
    if (s5_valid) begin
      r_client <= s5_client;
      r_slot   <= s5_slot;
      r_addr0  <= s5_addr0;
      r_addr1  <= s5_addr1;
    end
  end

  // ------------------------------------------------------------------ memory
  logic              we0, we1, ins_go;
  logic [AW-1:0]     wa0, wa1;
  logic [BODY_W-1:0] ins_body;
  logic [WAY_W-1:0]  wdata, q0, q1;
  logic              ins_par;

  assign ins_ready = !s2_valid && !busy;
  assign ins_go    = ins_valid && ins_ready;
  assign ins_body  = {ins_none, ins_idx, ins_client, ins_key};

  // The key stands some cycles before the rest (ins_prep).
  logic [CHUNKS-1:0] ins_pchunk;
  always_ff @(posedge clk) begin
    if (ins_prep) begin
      for (int i = 0; i < CHUNKS - 1; i++) ins_pchunk[i] <= ^ins_body[16*i+:16];
      ins_pchunk[CHUNKS-1] <= ^ins_body[KEY_W-1:KEY_LAST];
    end
  end
  assign ins_par = ^{ins_pchunk, ins_none, ins_idx, epoch};
  assign wdata   = busy ? '0 : {ins_par, epoch, ins_body};

  assign we0 = busy || (ins_go && !ins_way);
  assign we1 = busy || (ins_go && ins_way);
  assign wa0 = busy ? clear_at : ins_addr0;
  assign wa1 = busy ? clear_at : ins_addr1;

  ram_1r1w #(
      .WIDTH(WAY_W),
      .DEPTH(SETS)
  ) u_way0 (
      .clk  (clk),
      .we   (we0),
      .waddr(wa0),
      .wdata(wdata),
      .re   (s2_valid),
      .raddr(s2_addr0),
      .rdata(q0)
  );

  ram_1r1w #(
      .WIDTH(WAY_W),
      .DEPTH(SETS)
  ) u_way1 (
      .clk  (clk),
      .we   (we1),
      .waddr(wa1),
      .wdata(wdata),
      .re   (s2_valid),
      .raddr(s2_addr1),
      .rdata(q1)
  );

  // --------------------------------------------- lookup, stages 4-6: compare
  logic [CHUNKS-1:0]    s5_eq0, s5_eq1;
  logic                 s5_p0, s5_p1;  // of what is not key, and the parity stored
  logic                 s5_live0, s5_live1, s5_none0, s5_none1;
  logic [IDX_W-1:0]     s5_idx0, s5_idx1;
  logic                 hit0, hit1;
  logic                 spin;       // which of two live entries goes

  assign hit0 = (&s5_eq0) && s5_live0 && s5_p0 == s5_par;
  assign hit1 = (&s5_eq1) && s5_live1 && s5_p1 == s5_par;

  always_ff @(posedge clk) begin
    if (s4_valid) begin
      for (int i = 0; i < CHUNKS - 1; i++) begin
        s5_eq0[i] <= (q0[16*i+:16] == s3_key[16*i+:16]);
        s5_eq1[i] <= (q1[16*i+:16] == s3_key[16*i+:16]);
      end
      s5_eq0[CHUNKS-1] <= (q0[KEY_W-1:KEY_LAST] == s3_key[KEY_W-1:KEY_LAST]);
      s5_eq1[CHUNKS-1] <= (q1[KEY_W-1:KEY_LAST] == s3_key[KEY_W-1:KEY_LAST]);
      s5_p0    <= ^q0[WAY_W-1:KEY_W];
      s5_p1    <= ^q1[WAY_W-1:KEY_W];
      s5_live0 <= (q0[BODY_W+:EPOCH_W] == epoch);
      s5_live1 <= (q1[BODY_W+:EPOCH_W] == epoch);
      s5_none0 <= q0[KEY_W+IDX_W];
      s5_none1 <= q1[KEY_W+IDX_W];
      s5_idx0  <= q0[KEY_W+:IDX_W];
      s5_idx1  <= q1[KEY_W+:IDX_W];
    end
    if (s5_valid) begin
      r_hit  <= hit0 || hit1;
      r_none <= hit0 ? s5_none0 : s5_none1;
      r_idx  <= hit0 ? s5_idx0 : s5_idx1;
      r_way  <= s5_live0 && (!s5_live1 || spin);
    end
    if (ins_go) spin <= !spin;
    if (rst) spin <= 1'b0;
  end
endmodule
