// SPDX-License-Identifier: Apache-2.0
//
// spd_client: the requests of one client of the SPD, kept until their results
// have been taken, so that they can be asked again: behind a cache miss, and
// all of them when the table changes.
//
// Holds 16 requests. `iss_*` offers the next one to look up. `miss` says that the request in miss_slot
// is not in the cache: it is offered at iss_key again, but iss_want stays low
// until `done`, which moves on behind it. Results come in order by `put`.
// `flush` takes back every result that the client has not taken yet: none is
// shown behind it, and a cycle later all of their requests wait again; until then
// nothing is looked up and none of miss, done and put_valid comes.
module spd_client (
    input  logic                        clk,
    input  logic                        rst,
    input  logic                        open,
    input  logic                        flush,
    input  logic                        req_valid,
    output logic                        req_ready,
    input  espalier_pkg::selector_t     req,
    output logic                        res_valid,
    input  logic                        res_ready,
    output espalier_pkg::spd_result_t   res,
    output logic                        iss_want,
    input  logic                        iss_take,
    output logic [3:0]                  iss_slot,
    output espalier_pkg::selector_t     iss_key,
    input  logic                        miss,
    input  logic [3:0]                  miss_slot,
    input  logic                        done,
    output logic                        pending,   // a request has not been answered
    input  logic                        put_valid,
    input  espalier_pkg::spd_result_t   put
);
  // Free-running: taken <= answered <= issue <= wr.
  logic [4:0] wr, issue, answered, taken, wr_next, taken_next;
  logic       blocked, room, flushed;
  logic       we, pop, unasked, opened;

  assign pending    = (wr != answered);
  assign req_ready  = opened && room;
  assign we         = req_valid && req_ready;
  assign pop        = res_valid && res_ready;
  assign wr_next    = wr + 5'd1;
  assign taken_next = taken + 5'd1;
  assign unasked    = done ? issue + 5'd1 != wr : issue != wr;
  assign iss_slot   = issue[3:0];

  ram_lut #(
      .WIDTH($bits(req)),
      .DEPTH(16)
  ) u_iss (
      .clk  (clk),
      .we   (we),
      .waddr(wr[3:0]),
      .wdata(req),
      .raddr(issue[3:0]),
      .rdata(iss_key)
  );

  ram_lut #(
      .WIDTH($bits(put)),
      .DEPTH(16)
  ) u_res (
      .clk  (clk),
      .we   (put_valid),
      .waddr(answered[3:0]),
      .wdata(put),
      .raddr(taken[3:0]),
      .rdata(res)
  );

  always_ff @(posedge clk) begin
    if (we) wr <= wr_next;
    if (pop) taken <= taken_next;
    // What is compared stands early in the cycle, `we` and `pop` come late.
    if (we || pop) room <= pop || (wr_next != {~taken[4], taken[3:0]});
    if (put_valid || pop) res_valid <= put_valid || (taken_next != answered);
    flushed <= flush;
    opened  <= open;
    // In a register, for what is looked up hangs on it. A take is not seen in it at once,
    // but behind a take is a cycle without another.
    iss_want <= (!blocked || done) && (unasked || we) && !miss && !flush && !flushed;
    if (put_valid) answered <= answered + 5'd1;
    if (miss) begin
      // The slot is not older than what was answered, nor younger than issue.
      issue   <= issue - {1'b0, issue[3:0] - miss_slot};
      blocked <= 1'b1;
    end else if (done) begin
      issue   <= issue + 5'd1;
      blocked <= 1'b0;
    end else if (iss_take) begin
      issue <= issue + 5'd1;
    end
    if (flush) res_valid <= 1'b0;
    if (flushed) begin
      issue     <= taken;
      answered  <= taken;
      blocked   <= 1'b0;
      res_valid <= 1'b0;
    end
    if (rst) begin
      room     <= 1'b1;
      flushed  <= 1'b0;
      res_valid <= 1'b0;
      wr       <= 5'd0;
      taken    <= 5'd0;
      issue    <= 5'd0;
      answered <= 5'd0;
      blocked  <= 1'b0;
      iss_want <= 1'b0;
      opened   <= 1'b0;
    end
  end
endmodule
