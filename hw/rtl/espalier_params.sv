// SPDX-License-Identifier: Apache-2.0
//
// espalier_params: refuses at elaboration what the block cannot be. No gates.
// The messages hold no values, since yosys would print the format as it stands.
// tests/rtl/params/test_params.sh tries every one of them.
module espalier_params #(
    parameter int NUM_QUEUES = 4,
    parameter int SA_ENTRIES = 1024,
    parameter int SPD_ENTRIES = 256,
    parameter int SPD_CACHE_SETS = 1024,
    parameter int WINDOW_MAX = 1024,
    parameter int BUF_BEATS = 2048,
    parameter int FRAME_MAX = 9216,
    parameter int GCM_ENGINES = 2,
    parameter int GCM_CYCLES = 1,
    parameter int SBOX = 0,
    parameter int GMUL = 0,
    parameter int TEST_HOOKS = 0
) ();
  generate
    if (NUM_QUEUES < 1 || NUM_QUEUES > 16 || (NUM_QUEUES & (NUM_QUEUES - 1)) != 0) begin : g_queues
      $error("NUM_QUEUES: allowed are 1, 2, 4, 8, 16");
    end
    if (SA_ENTRIES < 16 || SA_ENTRIES > 4096 || (SA_ENTRIES & (SA_ENTRIES - 1)) != 0) begin : g_sas
      $error("SA_ENTRIES: allowed are the powers of two from 16 to 4096");
    end
    if (SPD_ENTRIES < 8 || SPD_ENTRIES > 4096) begin : g_policies
      $error("SPD_ENTRIES: allowed are 8 to 4096");
    end
    if (SPD_CACHE_SETS < 16 || SPD_CACHE_SETS > 16384 ||
        (SPD_CACHE_SETS & (SPD_CACHE_SETS - 1)) != 0) begin : g_sets
      $error("SPD_CACHE_SETS: allowed are the powers of two from 16 to 16384");
    end
    if (WINDOW_MAX < 64 || WINDOW_MAX > 4096 || (WINDOW_MAX & (WINDOW_MAX - 1)) != 0) begin : g_window
      $error("WINDOW_MAX: allowed are the powers of two from 64 to 4096");
    end
    if (BUF_BEATS < 512 || BUF_BEATS > 4096 || (BUF_BEATS & (BUF_BEATS - 1)) != 0) begin : g_beats
      $error("BUF_BEATS: allowed are 512, 1024, 2048, 4096");
    end
    if (FRAME_MAX < 1514 || FRAME_MAX > 9216) begin : g_frame
      $error("FRAME_MAX: allowed are 1514 to 9216");
    end
    // A packet buffer stops a sender a few words before it is full.
    if (FRAME_MAX > 16 * BUF_BEATS - 256) begin : g_fits
      $error("FRAME_MAX: allowed are at most 16 * BUF_BEATS - 256");
    end
    if (GCM_ENGINES < 1 || GCM_ENGINES > 2) begin : g_engines
      $error("GCM_ENGINES: allowed are 1, 2");
    end
    if (GCM_CYCLES != 1 && GCM_CYCLES != 2 && GCM_CYCLES != 4) begin : g_cycles
      $error("GCM_CYCLES: allowed are 1, 2, 4");
    end
    if (SBOX < 0 || SBOX > 1) begin : g_sbox
      $error("SBOX: allowed are 0, 1");
    end
    if (GMUL < 0 || GMUL > 1) begin : g_gmul
      $error("GMUL: allowed are 0, 1");
    end
    if (TEST_HOOKS < 0 || TEST_HOOKS > 1) begin : g_hooks
      $error("TEST_HOOKS: allowed are 0, 1");
    end
  endgenerate
endmodule
