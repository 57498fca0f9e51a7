// SPDX-License-Identifier: Apache-2.0
//
// table_port: the host's way into the tables: staging, one command at a time on the
// table bus, key contexts.
//
// What the host wrote, and what an OP_READ gave (`fruit` says which), stands in
// distributed RAM, 16 words of 64 bits. A command begins by shifting it into the
// staging register of the owner that it is for (table_stage), 16 cycles, which leaves
// zeros in the RAM; the answer to a read is shifted back. Only that can be read by
// the host, and every command ends with register and RAM overwritten, so that no key
// stays.
//
// DELETE of an SA: the owner makes it not live and waits for its frames; then
// the key context is zeroized, also when the slot held no live SA, so that a
// key that was written ahead of an SA that never came goes as well. A key
// write first asks the owner whether an SA is live in the slot.
module table_port #(
    parameter int SA_ENTRIES = 1024,
    parameter int KW = $clog2(SA_ENTRIES)
) (
    input logic clk,
    input logic rst,
    input logic init_done, // of all owners

    // host side
    input  logic        start,
    input  logic [ 3:0] op,
    input  logic [ 3:0] table_id,
    input  logic [15:0] index,
    output logic        busy,
    output logic [ 3:0] result,
    input  logic        stage_we,
    input  logic [ 4:0] stage_word,
    input  logic [31:0] stage_data,
    input  logic [ 3:0] stage_strb,
    input  logic        stage_rd,
    output logic [31:0] stage_q,     // a cycle later: stage_word, if it may be read

    // table bus
    output logic          tbl_valid_out,
    output logic          tbl_valid_in,
    output logic          tbl_valid_spd,
    output logic [   3:0] tbl_op,
    output logic [   3:0] tbl_table,
    output logic [  15:0] tbl_index,
    input  logic          tbl_ack_out,
    input  logic [   3:0] tbl_res_out,
    input  logic          tbl_ack_in,
    input  logic [   3:0] tbl_res_in,
    input  logic          tbl_ack_spd,
    input  logic [   3:0] tbl_res_spd,

    // staging registers of the owners, in the order of espalier_pkg::STAGE_*
    output logic [   3:0] stage_shift,
    output logic          stage_clear,
    output logic [  63:0] stage_in,
    input  logic [ 191:0] stage_low,      // lowest word of each but the keys'

    output logic [KW-1:0] live_slot,     // is the SA of this slot live? 2 cycles
    input  logic          live_out,
    input  logic          live_in,

    // key contexts
    output logic          key_valid,
    input  logic          key_ready,
    output logic          key_client,   // 1: inbound
    output logic          key_zeroize,
    output logic [KW-1:0] key_idx,
    input  logic          key_done,
    output logic [  15:0] install_cycles,

    // counters
    output logic        cnt_valid,
    output logic [ 5:0] cnt_code,
    input  logic        cnt_done,
    input  logic [63:0] cnt_packets,
    input  logic [63:0] cnt_bytes
);
  typedef enum logic [3:0] {
    WIPE, IDLE, LOAD, CLEAN, CHECK, LIVE, OWNER, KEY, COUNT, END, UNLOAD
  } state_t;
  state_t state;
  logic fruit;
  logic [3:0] k, got_res;  // k: word of the RAM that moves
  logic is_out, is_in, is_spd, is_key, is_cnt, ack;
  // Beside the state, since many flip-flops hang on them: a word of the RAM moves; an
  // owner's register moves, because of an answer that is waited for or unloaded (pull), or
  // because the word in stage_in is one that it has (push).
  logic moving;
  logic [3:0] owner, push, pull;
  logic counted;  // beside them: the counters answer
  logic [1:0] wait_live;
  logic [15:0] cycles;

  // ------------------------------------------------------------------- owner
  assign is_out = (tbl_table == espalier_pkg::TBL_SA_OUT);
  assign is_in  = (tbl_table == espalier_pkg::TBL_SA_IN) || (tbl_table == espalier_pkg::TBL_SA_HASH);
  assign is_spd = (tbl_table == espalier_pkg::TBL_SPD);
  assign is_key = (tbl_table == espalier_pkg::TBL_KEY_OUT) || (tbl_table == espalier_pkg::TBL_KEY_IN);
  assign is_cnt = (tbl_table == espalier_pkg::TBL_COUNTERS);

  assign tbl_valid_out = (state == OWNER) && is_out;
  assign tbl_valid_in  = (state == OWNER) && is_in;
  assign tbl_valid_spd = (state == OWNER) && is_spd;
  assign ack     = (is_out && tbl_ack_out) || (is_in && tbl_ack_in) || (is_spd && tbl_ack_spd);
  assign got_res = is_out ? tbl_res_out : is_in ? tbl_res_in : tbl_res_spd;

  // --------------------------------------------------------------------- key
  assign live_slot   = tbl_index[KW-1:0];
  assign key_client  = (tbl_table == espalier_pkg::TBL_KEY_IN) ||
                       (tbl_table == espalier_pkg::TBL_SA_IN);
  assign key_zeroize = !is_key;
  assign key_idx     = tbl_index[KW-1:0];

  assign cnt_valid = (state == COUNT);
  assign cnt_code  = tbl_index[5:0];

  // ---------------------------------------------------------------- sequence
  logic got;         // the register holds the result of a read
  logic key_is_bad;  // a reserved flag is set
  assign got = (tbl_op == espalier_pkg::OP_READ) && (result == espalier_pkg::RES_OK);
  assign stage_clear = (state == END) && !got;

  always_ff @(posedge clk) begin
    if (moving) k <= k + 4'd1;
    owner       <= {is_key, is_spd, is_in, is_out};
    counted     <= is_cnt;
    case (state)
      WIPE:
      if (k == 4'd15) begin
        state  <= IDLE;
        busy   <= 1'b0;
        moving <= 1'b0;
      end
      IDLE:
      if (start) begin
        busy      <= 1'b1;
        moving    <= 1'b1;
        tbl_op    <= op;
        tbl_table <= table_id;
        tbl_index <= index;
        result    <= espalier_pkg::RES_OK;
        state     <= LOAD;
      end
      LOAD:
      if (k == 4'd15) begin
        state  <= CLEAN;
        moving <= 1'b0;
      end
      CLEAN: if (init_done) state <= CHECK;
      CHECK: begin
        wait_live <= 2'd3;
        cycles    <= 16'd0;
        state     <= END;
        if (is_out || is_in || is_spd) begin
          state   <= OWNER;
          pull    <= (tbl_op == espalier_pkg::OP_READ) ? owner : 4'd0;
        end else if (is_key) begin
          if (tbl_op != espalier_pkg::OP_ADD) result <= espalier_pkg::RES_OP;
          else if (tbl_index >= 16'(SA_ENTRIES)) result <= espalier_pkg::RES_INDEX;
          else if (key_is_bad) result <= espalier_pkg::RES_VALUE;
          else state <= LIVE;
        end else if (is_cnt) begin
          if (tbl_op != espalier_pkg::OP_READ) result <= espalier_pkg::RES_OP;
          else if (tbl_index >= 16'd64) result <= espalier_pkg::RES_INDEX;
          else state <= COUNT;
        end else result <= espalier_pkg::RES_OP;
      end
      LIVE: begin
        wait_live <= wait_live - 2'd1;
        if (wait_live == 2'd0) begin
          if (key_client ? live_in : live_out) begin
            result <= espalier_pkg::RES_EXISTS;
            state  <= END;
          end else begin
            state     <= KEY;
            key_valid <= 1'b1;
          end
        end
      end
      OWNER:
      if (ack) begin
        result <= got_res;
        state  <= END;
        pull   <= 4'd0;
        if (tbl_op == espalier_pkg::OP_DELETE && (is_out || tbl_table == espalier_pkg::TBL_SA_IN) &&
            got_res != espalier_pkg::RES_INDEX && got_res != espalier_pkg::RES_OP) begin
          state     <= KEY;
          key_valid <= 1'b1;
        end
      end
      KEY: begin
        cycles <= cycles + 16'd1;
        if (key_ready) key_valid <= 1'b0;
        if (key_done) begin
          if (!key_zeroize) install_cycles <= cycles;
          state <= END;
        end
      end
      COUNT:
      if (cnt_done) begin
        state  <= UNLOAD;
        moving <= 1'b1;
      end
      END: begin
        state  <= got ? UNLOAD : IDLE;
        busy   <= got;
        moving <= got;
        pull   <= got ? owner : 4'd0;
      end
      default:
      if (k == 4'd15) begin
        state  <= IDLE;
        busy   <= 1'b0;
        moving <= 1'b0;
        pull   <= 4'd0;
      end
    endcase
    if (rst) begin
      state          <= WIPE;
      busy           <= 1'b1;
      moving         <= 1'b1;
      pull           <= 4'd0;
      key_valid      <= 1'b0;
      k              <= 4'd0;
      result         <= espalier_pkg::RES_OK;
      install_cycles <= 16'd0;
    end
  end

  // --------------------------------------------------------------- registers
  // Owners give zero but with their answer to OP_READ, for which their register was
  // filled with zeros: so it may move while the answer is waited for.
  logic [63:0] ram_q, word_in, word_back;
  logic [15:0] written;  // words of the RAM that the host wrote
  assign word_in = (state == LOAD && written[k] && tbl_op != espalier_pkg::OP_READ) ? ram_q : 64'd0;

  always_ff @(posedge clk) begin
    stage_in <= word_in;
    if (state == LOAD && k == 4'd0) key_is_bad <= (word_in[31:1] != 31'd0);
    push <= 4'd0;
    if (state == LOAD) begin
      push[espalier_pkg::STAGE_OUT] <= is_out && 32'(k) < espalier_pkg::STAGE_WORDS_OUT;
      push[espalier_pkg::STAGE_IN]  <= is_in && 32'(k) < espalier_pkg::STAGE_WORDS_IN;
      push[espalier_pkg::STAGE_SPD] <= is_spd && 32'(k) < espalier_pkg::STAGE_WORDS_SPD;
      push[espalier_pkg::STAGE_KEY] <= is_key && 32'(k) < espalier_pkg::STAGE_WORDS_KEY;
    end
    if (rst) push <= 4'd0;
  end
  assign stage_shift = push | pull;

  always_comb begin
    word_back = 64'd0;
    if (counted && k == 4'd0) word_back = cnt_packets;
    if (counted && k == 4'd1) word_back = cnt_bytes;
    for (int i = 0; i < 3; i++) if (owner[i]) word_back = stage_low[64*i+:64];
  end

  // --------------------------------------------------------------------- RAM
  // The first write behind a read starts a new entry; the first one to a word
  // clears the bytes that it does not write.
  logic write, fresh;
  logic [3:0] addr;
  logic [7:0] picked, we;  // bytes that are written
  logic [63:0] wdata;
  assign write = stage_we && !busy;
  assign addr  = busy ? k : stage_word[4:1];
  assign fresh = fruit || !written[stage_word[4:1]];

  generate
    for (genvar g = 0; g < 8; g++) begin : g_byte
      assign picked[g] = write && (stage_word[0] == (g >= 4)) && stage_strb[g%4];
      assign we[g]     = moving || picked[g] || (write && fresh);
      assign wdata[8*g+:8] = (state == UNLOAD) ? word_back[8*g+:8] :
                             picked[g] ? stage_data[8*(g%4)+:8] : 8'd0;
      ram_lut #(.WIDTH(8), .DEPTH(16)) u_ram (
          .clk(clk), .we(we[g]), .waddr(addr), .wdata(wdata[8*g+:8]), .raddr(addr),
          .rdata(ram_q[8*g+:8]));
    end
  endgenerate

  always_ff @(posedge clk) begin
    if (write) begin
      if (fruit) written <= 16'd0;
      for (int w = 0; w < 16; w++) if (stage_word[4:1] == 4'(w)) written[w] <= 1'b1;  // written[...] would be a subtraction
      fruit <= 1'b0;
    end
    if (state == CLEAN) begin
      written <= 16'd0;
      fruit   <= 1'b0;
    end
    if (state == UNLOAD) fruit <= 1'b1;
    if (stage_rd)
      stage_q <= (!fruit || busy) ? 32'd0 : stage_word[0] ? ram_q[63:32] : ram_q[31:0];
    if (rst) begin
      written <= 16'd0;
      fruit   <= 1'b0;
    end
  end
endmodule
