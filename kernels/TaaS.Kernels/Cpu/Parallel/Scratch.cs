using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cpu;

/// <summary>What a thread's scratch memory is for. Each use has its own memory, since a kernel's caller also does parts of its own job.</summary>
internal enum ScratchSlot
{
    /// <summary>The right operand in panels, read by all threads.</summary>
    SharedPanels,

    /// <summary>The right operand's panels of one part.</summary>
    LocalPanels,

    /// <summary>The left operand of one part.</summary>
    LeftBlock,

    /// <summary>The result of one part before it is turned around.</summary>
    ResultBlock,

    /// <summary>Offsets of the summed index.</summary>
    StepOffsets,

    /// <summary>Offsets of the rows.</summary>
    RowOffsets,

    /// <summary>Rows of an image with their padding.</summary>
    Images,

    /// <summary>Images with their padding, read by all threads.</summary>
    SharedImages,

    /// <summary>Where the elements of a filter lie.</summary>
    FilterOffsets,

    /// <summary>Double-precision sums of images or rows, added up at the end.</summary>
    Sums,

    /// <summary>Partial sums that are added up at the end.</summary>
    Partials,

    /// <summary>Number of uses.</summary>
    Count,
}

/// <summary>Native memory of a thread, aligned to a cache line, kept from call to call and freed with the thread.</summary>
internal sealed unsafe class Scratch
{
    private const nuint Alignment = 64;

    [ThreadStatic]
    private static Scratch? t_current;

    private readonly void*[] _memory = new void*[(int)ScratchSlot.Count];
    private readonly nuint[] _bytes = new nuint[(int)ScratchSlot.Count];

    ~Scratch()
    {
        foreach (var memory in _memory)
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    /// <summary>Room for that many floats with arbitrary content, until the slot is next asked for.</summary>
    internal static float* Floats(ScratchSlot slot, long count) => (float*)(t_current ??= new Scratch()).Reserve((int)slot, (nuint)count * sizeof(float));

    /// <summary>Room for that many integers with arbitrary content, until the slot is next asked for.</summary>
    internal static int* Ints(ScratchSlot slot, long count) => (int*)(t_current ??= new Scratch()).Reserve((int)slot, (nuint)count * sizeof(int));

    /// <summary>Room for that many doubles with arbitrary content, until the slot is next asked for.</summary>
    internal static double* Doubles(ScratchSlot slot, long count) => (double*)(t_current ??= new Scratch()).Reserve((int)slot, (nuint)count * sizeof(double));

    private void* Reserve(int slot, nuint bytes)
    {
        if (_bytes[slot] < bytes)
        {
            NativeMemory.AlignedFree(_memory[slot]);
            _memory[slot] = null;
            _bytes[slot] = 0;
            _memory[slot] = NativeMemory.AlignedAlloc(bytes, Alignment);
            _bytes[slot] = bytes;
        }

        return _memory[slot];
    }
}
