// SPDX-License-Identifier: Apache-2.0
//
// gcm_pkg: constants and small functions of the AES-GCM core.
//
// Byte order. Every block outside the GHASH multiplier is in stream order:
// byte i of the block at bits [8*i +: 8]. An AES column is then one 32-bit word
// with row 0 in the lowest byte.
//
// Bit order. SP 800-38D calls the most significant bit of byte 0 the
// coefficient of x^0. Inside the multiplier bit k is the coefficient of x^k;
// `poly` turns one form into the other (it is its own inverse), and it is the
// only place where the bit order is decided.
package gcm_pkg;
  // A package names everything; no one block uses all of it.
  /* verilator lint_off UNUSEDPARAM */
  // Cycles from a block at the AES input to its ciphertext: 3 for the first
  // AddRoundKey and for each of 14 rounds. Every pass behind the first is one more.
  localparam int AES_LATENCY = 45;
  // Stages of the multiply-accumulate loop: with a block every one or two cycles,
  // and with one every four.
  localparam int GHASH_STAGES = 4;
  localparam int GHASH_STAGES_SERIAL = 8;

  localparam logic [1:0] SLOT_AAD = 2'd0;
  localparam logic [1:0] SLOT_DATA = 2'd1;
  localparam logic [1:0] SLOT_LEN = 2'd2;

  // FIPS-197 table 4, entry 0 in the lowest byte.
  localparam logic [2047:0] SBOX_TABLE = {
      8'h16, 8'hbb, 8'h54, 8'hb0, 8'h0f, 8'h2d, 8'h99, 8'h41, 8'h68, 8'h42, 8'he6, 8'hbf, 8'h0d, 8'h89, 8'ha1, 8'h8c,
      8'hdf, 8'h28, 8'h55, 8'hce, 8'he9, 8'h87, 8'h1e, 8'h9b, 8'h94, 8'h8e, 8'hd9, 8'h69, 8'h11, 8'h98, 8'hf8, 8'he1,
      8'h9e, 8'h1d, 8'hc1, 8'h86, 8'hb9, 8'h57, 8'h35, 8'h61, 8'h0e, 8'hf6, 8'h03, 8'h48, 8'h66, 8'hb5, 8'h3e, 8'h70,
      8'h8a, 8'h8b, 8'hbd, 8'h4b, 8'h1f, 8'h74, 8'hdd, 8'he8, 8'hc6, 8'hb4, 8'ha6, 8'h1c, 8'h2e, 8'h25, 8'h78, 8'hba,
      8'h08, 8'hae, 8'h7a, 8'h65, 8'hea, 8'hf4, 8'h56, 8'h6c, 8'ha9, 8'h4e, 8'hd5, 8'h8d, 8'h6d, 8'h37, 8'hc8, 8'he7,
      8'h79, 8'he4, 8'h95, 8'h91, 8'h62, 8'hac, 8'hd3, 8'hc2, 8'h5c, 8'h24, 8'h06, 8'h49, 8'h0a, 8'h3a, 8'h32, 8'he0,
      8'hdb, 8'h0b, 8'h5e, 8'hde, 8'h14, 8'hb8, 8'hee, 8'h46, 8'h88, 8'h90, 8'h2a, 8'h22, 8'hdc, 8'h4f, 8'h81, 8'h60,
      8'h73, 8'h19, 8'h5d, 8'h64, 8'h3d, 8'h7e, 8'ha7, 8'hc4, 8'h17, 8'h44, 8'h97, 8'h5f, 8'hec, 8'h13, 8'h0c, 8'hcd,
      8'hd2, 8'hf3, 8'hff, 8'h10, 8'h21, 8'hda, 8'hb6, 8'hbc, 8'hf5, 8'h38, 8'h9d, 8'h92, 8'h8f, 8'h40, 8'ha3, 8'h51,
      8'ha8, 8'h9f, 8'h3c, 8'h50, 8'h7f, 8'h02, 8'hf9, 8'h45, 8'h85, 8'h33, 8'h4d, 8'h43, 8'hfb, 8'haa, 8'hef, 8'hd0,
      8'hcf, 8'h58, 8'h4c, 8'h4a, 8'h39, 8'hbe, 8'hcb, 8'h6a, 8'h5b, 8'hb1, 8'hfc, 8'h20, 8'hed, 8'h00, 8'hd1, 8'h53,
      8'h84, 8'h2f, 8'he3, 8'h29, 8'hb3, 8'hd6, 8'h3b, 8'h52, 8'ha0, 8'h5a, 8'h6e, 8'h1b, 8'h1a, 8'h2c, 8'h83, 8'h09,
      8'h75, 8'hb2, 8'h27, 8'heb, 8'he2, 8'h80, 8'h12, 8'h07, 8'h9a, 8'h05, 8'h96, 8'h18, 8'hc3, 8'h23, 8'hc7, 8'h04,
      8'h15, 8'h31, 8'hd8, 8'h71, 8'hf1, 8'he5, 8'ha5, 8'h34, 8'hcc, 8'hf7, 8'h3f, 8'h36, 8'h26, 8'h93, 8'hfd, 8'hb7,
      8'hc0, 8'h72, 8'ha4, 8'h9c, 8'haf, 8'ha2, 8'hd4, 8'had, 8'hf0, 8'h47, 8'h59, 8'hfa, 8'h7d, 8'hc9, 8'h82, 8'hca,
      8'h76, 8'hab, 8'hd7, 8'hfe, 8'h2b, 8'h67, 8'h01, 8'h30, 8'hc5, 8'h6f, 8'h6b, 8'hf2, 8'h7b, 8'h77, 8'h7c, 8'h63
  };

  // Multiplication by x in the AES field.
  function logic [7:0] xtime(input logic [7:0] a);
    xtime = {a[6:0], 1'b0} ^ (a[7] ? 8'h1b : 8'h00);
  endfunction

  // MixColumns of one column.
  function logic [31:0] mix_column(input logic [31:0] c);
    mix_column = {
      xtime(c[31:24] ^ c[7:0]) ^ c[7:0] ^ c[15:8] ^ c[23:16],
      xtime(c[23:16] ^ c[31:24]) ^ c[31:24] ^ c[7:0] ^ c[15:8],
      xtime(c[15:8] ^ c[23:16]) ^ c[23:16] ^ c[31:24] ^ c[7:0],
      xtime(c[7:0] ^ c[15:8]) ^ c[15:8] ^ c[23:16] ^ c[31:24]
    };
  endfunction

  // ShiftRows of the whole state.
  function logic [127:0] shift_rows(input logic [127:0] s);
    shift_rows = {
      s[95:88],  s[55:48],  s[15:8],   s[103:96],
      s[63:56],  s[23:16],  s[111:104], s[71:64],
      s[31:24],  s[119:112], s[79:72],  s[39:32],
      s[127:120], s[87:80], s[47:40],  s[7:0]
    };
  endfunction

  // Reverses the bits of every byte of half a block. Written as masks and
  // shifts because a simulator runs it in a few 64-bit operations.
  function logic [63:0] poly_half(input logic [63:0] a);
    logic [63:0] b, c;
    b = ((a >> 1) & 64'h5555555555555555) | ((a & 64'h5555555555555555) << 1);
    c = ((b >> 2) & 64'h3333333333333333) | ((b & 64'h3333333333333333) << 2);
    poly_half = ((c >> 4) & 64'h0f0f0f0f0f0f0f0f) | ((c & 64'h0f0f0f0f0f0f0f0f) << 4);
  endfunction

  // Stream order to polynomial order and back.
  function logic [127:0] poly(input logic [127:0] a);
    poly = {poly_half(a[127:64]), poly_half(a[63:0])};
  endfunction

  // GF(2^4), modulus x^4 + x + 1: the subfield of the tower S-box.
  function logic [3:0] gf16_mul(input logic [3:0] a, input logic [3:0] b);
    logic [6:0] p;
    p = ({3'b0, a} & {7{b[0]}}) ^ ({2'b0, a, 1'b0} & {7{b[1]}}) ^
        ({1'b0, a, 2'b0} & {7{b[2]}}) ^ ({a, 3'b0} & {7{b[3]}});
    gf16_mul = {p[3] ^ p[6], p[2] ^ p[5] ^ p[6], p[1] ^ p[4] ^ p[5], p[0] ^ p[4]};
  endfunction

  // Inverse in GF(2^4), 0 to 0.
  function logic [3:0] gf16_inv(input logic [3:0] a);
    case (a)
      4'h0: gf16_inv = 4'h0;
      4'h1: gf16_inv = 4'h1;
      4'h2: gf16_inv = 4'h9;
      4'h3: gf16_inv = 4'he;
      4'h4: gf16_inv = 4'hd;
      4'h5: gf16_inv = 4'hb;
      4'h6: gf16_inv = 4'h7;
      4'h7: gf16_inv = 4'h6;
      4'h8: gf16_inv = 4'hf;
      4'h9: gf16_inv = 4'h2;
      4'ha: gf16_inv = 4'hc;
      4'hb: gf16_inv = 4'h5;
      4'hc: gf16_inv = 4'ha;
      4'hd: gf16_inv = 4'h4;
      4'he: gf16_inv = 4'h3;
      default: gf16_inv = 4'h8;
    endcase
  endfunction

  // AES field element to the tower GF(2^4)[Y] / (Y^2 + Y + 15). Of the 64 maps
  // between the two fields this one gives the smallest S-box (64 LUT4).
  function logic [7:0] to_tower(input logic [7:0] x);
    to_tower = {
      x[5] ^ x[7],
      x[2] ^ x[3] ^ x[5] ^ x[7],
      x[1] ^ x[4] ^ x[6] ^ x[7],
      x[4] ^ x[5] ^ x[6],
      x[1] ^ x[3] ^ x[6] ^ x[7],
      x[2] ^ x[3] ^ x[5],
      x[3],
      x[0] ^ x[2] ^ x[3]
    };
  endfunction

  // Tower element back to the AES field, with the affine map of SubBytes.
  function logic [7:0] from_tower(input logic [7:0] t);
    from_tower = {
      t[1] ^ t[2] ^ t[4] ^ t[6],
      t[4] ^ t[6] ^ t[7],
      t[1] ^ t[2] ^ t[3] ^ t[4] ^ t[7],
      t[0] ^ t[1] ^ t[3] ^ t[4] ^ t[7],
      t[0] ^ t[2] ^ t[4] ^ t[5] ^ t[6] ^ t[7],
      t[0] ^ t[3],
      t[0] ^ t[1] ^ t[2] ^ t[3],
      t[0] ^ t[2] ^ t[4] ^ t[7]
    } ^ 8'h63;
  endfunction
  /* verilator lint_on UNUSEDPARAM */
endpackage
