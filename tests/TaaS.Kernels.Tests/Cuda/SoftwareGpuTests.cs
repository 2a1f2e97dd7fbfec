using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using TaaS.SoftwareGpu;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>The software GPU finds what it is there to find, and its instructions give what the PTX ISA says.</summary>
[Collection(FakeCollection.Name)]
public sealed unsafe class SoftwareGpuTests
{
    private const int LaunchFailed = 719;

    private const string Thread = "mov.b32 %r0, %tid.x;";

    // The address of this thread's word in the buffer.
    private const string OwnWord = Thread + "mul.wide.u32 %rd1, %r0, 4; add.u64 %rd1, %rd0, %rd1;";

    // The next thread's word of shared memory, of a block of 32.
    private const string OwnAndNextShared = Thread + "add.s32 %r1, %r0, 1; and.b32 %r1, %r1, 31; mul.wide.u32 %rd2, %r0, 4; mul.wide.u32 %rd3, %r1, 4;";

    [SkippableTheory]
    [InlineData("add.s32 %r3, %r1, %r2;", 0x7FFFFFFF, 1, 0x80000000)]
    [InlineData("mul.lo.s32 %r3, %r1, %r2;", 0x10001, 0x10001, 0x20001)]
    [InlineData("div.s32 %r3, %r1, %r2;", 0xFFFFFFF9, 2, 0xFFFFFFFD)]
    [InlineData("rem.s32 %r3, %r1, %r2;", 0xFFFFFFF9, 2, 0xFFFFFFFF)]
    [InlineData("shl.b32 %r3, %r1, %r2;", 1, 32, 0)]
    [InlineData("shr.s32 %r3, %r1, %r2;", 0x80000000, 40, 0xFFFFFFFF)]
    [InlineData("shr.u32 %r3, %r1, %r2;", 0x80000000, 31, 1)]
    [InlineData("setp.lt.s32 %p0, %r1, %r2; selp.b32 %r3, 1, 2, %p0;", 0xFFFFFFFF, 0, 1)]
    [InlineData("setp.lo.u32 %p0, %r1, %r2; selp.b32 %r3, 1, 2, %p0;", 0xFFFFFFFF, 0, 2)]
    [InlineData("setp.gt.f32 %p0, %r1, %r2; selp.b32 %r3, 1, 2, %p0;", 0x7FC00000, 0, 2)]
    [InlineData("setp.gtu.f32 %p0, %r1, %r2; selp.b32 %r3, 1, 2, %p0;", 0x7FC00000, 0, 1)]
    [InlineData("setp.neu.f32 %p0, %r1, %r2; not.pred %p1, %p0; selp.b32 %r3, 1, 2, %p1;", 0x80000000, 0, 1)]
    [InlineData("testp.notanumber.f32 %p0, %r1; selp.b32 %r3, %r1, %r2, %p0;", 0x7F800000, 5, 5)]
    [InlineData("cvt.rzi.s32.f32 %r3, %r1;", 0xC0200000, 0, 0xFFFFFFFE)]
    [InlineData("cvt.rzi.s32.f32 %r3, %r1;", 0x7F800000, 0, 0x7FFFFFFF)]
    [InlineData("cvt.rzi.s32.f32 %r3, %r1;", 0x7FC00000, 0, 0)]
    [InlineData("cvt.rn.f32.s32 %r3, %r1;", 0x01000001, 0, 0x4B800000)]
    [InlineData("add.f32 %r3, %r1, 0f3F800000;", 0x3F800000, 0, 0x40000000)]
    [InlineData("mul.f32 %r3, %r1, %r2;", 0x00800000, 0x3F000000, 0x00400000)]
    [InlineData("mul.wide.u32 %rd2, %r1, %r2; shr.u64 %rd2, %rd2, 32; cvt.u32.u64 %r3, %rd2;", 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFE)]
    [InlineData("setp.eq.s32 %p0, %r1, %r2; mov.b32 %r3, 4; @!%p0 mov.b32 %r3, 3;", 1, 2, 3)]
    public void Instruction_GivesWhatTheIsaSays(string instructions, uint a, uint b, uint expected)
    {
        using var gpu = new Gpu();
        gpu.Write(0, a);
        gpu.Write(1, b);
        Assert.Equal("", gpu.Run($"ld.global.b32 %r1, [%rd0]; ld.global.b32 %r2, [%rd0+4]; {instructions} {Thread} setp.eq.s32 %p2, %r0, 0; @%p2 st.global.b32 [%rd0+8], %r3;"));
        Assert.Equal(expected, gpu.Read(2));
    }

    [SkippableFact]
    public void Lanes_PartAndMeetAgain()
    {
        // Odd threads add up to their number in a loop, even ones take twice theirs; then each takes its neighbour's.
        using var gpu = new Gpu();
        Assert.Equal("", gpu.Run(OwnWord + """
            and.b32 %r1, %r0, 1; setp.eq.s32 %p0, %r1, 1; mov.b32 %r2, 0; mov.b32 %r3, 0;
            @%p0 bra ODD;
            add.s32 %r2, %r0, %r0; bra.uni TOGETHER;
            ODD: setp.ge.s32 %p1, %r3, %r0; @%p1 bra TOGETHER;
            add.s32 %r3, %r3, 1; add.s32 %r2, %r2, %r3; bra.uni ODD;
            TOGETHER: mov.b32 %r1, 1; shfl.sync.bfly.b32 %r3, %r2, %r1, 31, 4294967295; st.global.b32 [%rd1], %r3;
            """));
        Assert.Equal([1u, 0u, 6u, 4u, 15u, 8u], Enumerable.Range(0, 6).Select(gpu.Read));
    }

    [SkippableTheory]
    [InlineData("4 bytes read at global address", OwnWord + "ld.global.b32 %r1, [%rd1+4];")]
    [InlineData("4 bytes written at global address", OwnWord + "st.global.b32 [%rd1+4], %r0;")]
    [InlineData("which is no multiple of 16", OwnWord + "ld.global.v4.b32 {%r0, %r1, %r2, %r3}, [%rd1];")]
    [InlineData("outside of what is allocated", "mov.b64 %rd1, SHARED; ld.shared.b32 %r1, [%rd1+128];")]
    [InlineData("race at shared address", OwnAndNextShared + "st.shared.b32 [%rd2], %r0; ld.shared.b32 %r1, [%rd3];")]
    [InlineData("race at shared address", OwnAndNextShared + "ld.shared.b32 %r1, [%rd3]; st.shared.b32 [%rd2], %r0;")]
    [InlineData("race at global address", "ld.global.b32 %r1, [%rd0]; st.global.b32 [%rd0], %r1;")]
    [InlineData("reach the barrier", Thread + "setp.lt.s32 %p0, %r0, 7; @!%p0 bra OVER; bar.sync 0; OVER:")]
    [InlineData("which .uni rules out", Thread + "setp.lt.s32 %p0, %r0, 7; @%p0 bra.uni OVER; OVER:")]
    [InlineData("lanes 0x00000001 are named, 0xffffffff came", "mov.b32 %r1, 1; shfl.sync.bfly.b32 %r0, %r1, %r1, 31, 1;")]
    public void Mistake_FailsTheLaunch(string complaint, string instructions)
    {
        using var gpu = new Gpu();
        Assert.Contains(complaint, gpu.Run(instructions), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Barrier_OrdersTheAccessesBeforeItAndBehind()
    {
        using var gpu = new Gpu();
        Assert.Equal("", gpu.Run(OwnWord + OwnAndNextShared + "st.shared.b32 [%rd2], %r0; bar.sync 0; ld.shared.b32 %r1, [%rd3]; st.global.b32 [%rd1], %r1;"));
        Assert.Equal([1u, 2u, 3u], Enumerable.Range(0, 3).Select(gpu.Read));
    }

    [SkippableFact]
    public void Blocks_OfOneLaunch_RaceForAWord()
    {
        using var gpu = new Gpu();
        Assert.Contains("race at global address", gpu.Run(OwnWord + "st.global.b32 [%rd1], %r0;", blocks: 2), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Text_ThatNoAssemblerWouldTake_IsRefusedWithItsLine()
    {
        using var gpu = new Gpu();
        Assert.Equal("line 5: %r9 is no register that was declared", gpu.Load("add.s32 %r9, %r0, %r0;"));
        Assert.Equal("line 5: there is no label NOWHERE", gpu.Load("bra.uni NOWHERE;"));
        Assert.Equal("line 5: add.s32 takes 3 operands, not 2", gpu.Load("add.s32 %r1, %r0;"));
        Assert.Equal("line 5: %rd0 has another size than its instruction asks for", gpu.Load("add.s32 %r1, %rd0, %r0;"));
        Assert.StartsWith("line 5: vote.sync.any.pred is not emulated", gpu.Load("vote.sync.any.pred %p0, %p1, 1;"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void PinnedMemory_IsReadWhenTheCopyRuns()
    {
        using var gpu = new Gpu();
        gpu.Upload(word: 0, value: 1, thenOverwriteBy: 2);
        Assert.Equal(2u, gpu.Read(0));
    }

    /// <summary>A buffer of 32 words on the first device, whose address a kernel finds in %rd0; reached without the engine.</summary>
    private sealed class Gpu : IDisposable
    {
        private const int Words = 32;

        private readonly nint _library;
        private readonly nint _context;
        private readonly nint _stream;
        private readonly ulong _buffer;

        public Gpu()
        {
            FakeLibraries.SkipUnlessCompilable();
            _library = NativeLibrary.Load(Path.Combine(SoftwareDriver.Folder, SoftwareDriver.File));
            Assert.Equal(0, ((delegate* unmanaged<uint, int>)Export("cuInit"))(0));
            fixed (nint* context = &_context, stream = &_stream)
            {
                fixed (ulong* buffer = &_buffer)
                {
                    Assert.Equal(0, ((delegate* unmanaged<nint*, uint, int, int>)Export("cuCtxCreate_v2"))(context, 0, 0));
                    Assert.Equal(0, ((delegate* unmanaged<nint*, uint, int>)Export("cuStreamCreate"))(stream, 1));
                    Assert.Equal(0, ((delegate* unmanaged<ulong*, nuint, int>)Export("cuMemAlloc_v2"))(buffer, Words * sizeof(uint)));
                }
            }

            for (var word = 0; word < Words; word++)
            {
                Write(word, 0);
            }
        }

        public void Write(int word, uint value) => ((uint*)_buffer)[word] = value;

        public uint Read(int word) => ((uint*)_buffer)[word];

        /// <summary>Runs a kernel of one warp a block; what went wrong, or nothing.</summary>
        public string Run(string instructions, uint blocks = 1)
        {
            var (module, problem) = Compile(instructions);
            Assert.Equal("", problem);
            nint function = 0;
            var name = "test"u8;
            fixed (byte* start = name)
            {
                Assert.Equal(0, ((delegate* unmanaged<nint*, nint, byte*, int>)Export("cuModuleGetFunction"))(&function, module, start));
            }

            var (buffer, bytes) = (_buffer, (nuint)sizeof(ulong));
            var extra = stackalloc nint[] { 1, (nint)(&buffer), 2, (nint)(&bytes), 0 };
            var launch = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, nint, nint*, int>)Export("cuLaunchKernel");
            Assert.Equal(0, launch(function, blocks, 1, 1, Words, 1, 1, 0, _stream, 0, extra));
            var result = Synchronize();
            var said = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)Export("softwareGpuLastFailure"))())!;
            Assert.Equal(said.Length == 0 ? 0 : LaunchFailed, result);
            return said;
        }

        /// <summary>What the assembler says of a kernel.</summary>
        public string Load(string instructions) => Compile(instructions).Problem;

        /// <summary>Queues a copy of pinned memory, changes that memory, and waits.</summary>
        public void Upload(int word, uint value, uint thenOverwriteBy)
        {
            uint* pinned = null;
            Assert.Equal(0, ((delegate* unmanaged<uint**, nuint, int>)Export("cuMemAllocHost_v2"))(&pinned, sizeof(uint)));
            *pinned = value;
            Assert.Equal(0, ((delegate* unmanaged<ulong, uint*, nuint, nint, int>)Export("cuMemcpyHtoDAsync_v2"))(_buffer + (ulong)word * sizeof(uint), pinned, sizeof(uint), _stream));
            *pinned = thenOverwriteBy;
            Assert.Equal(0, Synchronize());
        }

        public void Dispose() => _ = ((delegate* unmanaged<nint, int>)Export("cuCtxDestroy_v2"))(_context);

        private int Synchronize() => ((delegate* unmanaged<nint, int>)Export("cuStreamSynchronize"))(_stream);

        private nint Export(string name) => NativeLibrary.GetExport(_library, name);

        private (nint Module, string Problem) Compile(string instructions)
        {
            // The instructions begin in line 5.
            var text = string.Create(CultureInfo.InvariantCulture, $$"""
                .version 8.0
                .target sm_80
                .visible .entry test(.param .b64 buffer)
                { .reg .b32 %r<4>; .reg .b64 %rd<4>; .reg .pred %p<3>; .shared .align 16 .b8 SHARED[128]; ld.param.b64 %rd0, [buffer];
                {{instructions}} ret; }
                """);
            nint module = 0;
            var log = stackalloc byte[512];
            var options = stackalloc int[] { 5, 6 };
            var values = stackalloc nint[] { (nint)log, 512 };
            fixed (byte* start = Encoding.UTF8.GetBytes(text + '\0'))
            {
                var result = ((delegate* unmanaged<nint*, byte*, uint, int*, nint*, int>)Export("cuModuleLoadDataEx"))(&module, start, 2, options, values);
                return (module, result == 0 ? "" : Marshal.PtrToStringUTF8((nint)log)!);
            }
        }
    }
}
