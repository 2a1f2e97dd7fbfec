using TaaS.Kernels.Reference;

namespace TaaS.Kernels.Tests.Conformance;

/// <summary>
/// The suite every device passes, op by op, against the reference on random shapes, strides and values.
/// A device's class for an op family derives from the family's and names the device. A failure prints its seed.
/// </summary>
public abstract class KernelConformance(Device device)
{
    /// <summary>Relative error norm allowed where each result has few roundings.</summary>
    protected const double Exact = 1e-5;

    protected static readonly Device Reference = ReferenceDevice.Instance;

    protected Device Device { get; } = device;

    /// <summary>Relative error norm allowed where a result sums many terms. Operands are numbers that the device's precision holds exactly; it may round results to it.</summary>
    protected double Accumulated => Device.Precision switch { MatrixPrecision.Float32 => 1e-4, MatrixPrecision.TensorFloat32 => 1e-3, _ => 1e-2 };

    /// <summary>True for a device on which a thousand elements take long: it gets fewer seeds and smaller cases.</summary>
    protected virtual bool IsSlow => Device.Name == "emulator";

    /// <summary>Runs a case for many seeds; adds the seed to what a failure says.</summary>
    protected void ForSeeds(int count, Action<Random> run)
    {
        count = IsSlow ? Math.Max(count / 8, 6) : count;
        for (var seed = 0; seed < count; seed++)
        {
            try
            {
                run(new Random(seed));
            }
            catch (Exception error)
            {
                throw new Xunit.Sdk.XunitException($"seed {seed}: {error.Message}\n{error.StackTrace}");
            }
        }
    }

    /// <summary>The same random tensor on the reference and on the device, contiguous.</summary>
    protected (View Reference, View Device) Pair(Random random, Shape shape, double special = 0, float scale = 1)
    {
        var values = Values(random, shape.Elements, special, scale);
        return (Place(Reference, values, new View(Reference.Allocate(DType.Float32, values.Length), shape)), Place(Device, values, new View(Device.Allocate(DType.Float32, values.Length), shape)));
    }

    /// <summary>The same tensor twice, with an offset, axes in any order, gaps, and (for inputs) repeated axes.</summary>
    protected (View Reference, View Device) StridedPair(Random random, Shape shape, double special = 0, bool repeat = true)
    {
        var order = Enumerable.Range(0, shape.Rank).ToArray();
        random.Shuffle(order);
        var steps = new long[shape.Rank];
        long size = 1;
        foreach (var axis in order)
        {
            steps[axis] = repeat && random.Next(5) == 0 ? 0 : size;
            size *= steps[axis] == 0 ? 1 : Math.Max(shape[axis], 1) + (random.Next(4) == 0 ? 1 : 0);
        }

        var offset = random.Next(4);
        var values = Values(random, size + offset, special, 1);
        var view = new View(Reference.Allocate(DType.Float32, values.Length), shape, new Strides(steps), offset);
        return (Place(Reference, values, view), Place(Device, values, view with { Buffer = Device.Allocate(DType.Float32, values.Length) }));
    }

    /// <summary>The same tensor twice, its innermost axis whole quads at multiples of four elements, or repeated: what devices may move by quads.</summary>
    protected (View Reference, View Device) QuadsPair(Random random, Shape shape, bool repeat = true)
    {
        var steps = new long[shape.Rank];
        long size = 1;
        for (var axis = shape.Rank - 1; axis >= 0; axis--)
        {
            steps[axis] = repeat && random.Next(3) == 0 ? 0 : size;
            size *= steps[axis] == 0 ? 1 : shape[axis];
            size += axis == shape.Rank - 1 || random.Next(3) == 0 ? -size & 3 : 0;
        }

        var offset = random.Next(8) == 0 ? 1 : 4 * random.Next(3);
        var values = Values(random, size + offset, 0.05, 1);
        var view = new View(Reference.Allocate(DType.Float32, values.Length), shape, new Strides(steps), offset);
        return (Place(Reference, values, view), Place(Device, values, view with { Buffer = Device.Allocate(DType.Float32, values.Length) }));
    }

    /// <summary>Outputs to be written, filled with something no kernel should leave.</summary>
    protected (View Reference, View Device) Output(Shape shape, DType dtype = DType.Float32)
    {
        var pair = (Reference: new View(Reference.Allocate(dtype, shape.Elements), shape), Device: new View(Device.Allocate(dtype, shape.Elements), shape));
        foreach (var view in new[] { pair.Reference, pair.Device })
        {
            Write(view.Buffer, Enumerable.Repeat(0x7B7B7B7B, (int)view.Buffer.Length).ToArray());
        }

        return pair;
    }

    protected static Shape RandomShape(Random random, int leastRank = 0, int mostRank = 4, int most = 9)
    {
        var lengths = new int[random.Next(leastRank, mostRank + 1)];
        for (var axis = 0; axis < lengths.Length; axis++)
        {
            lengths[axis] = random.Next(20) == 0 ? 0 : random.Next(6) == 0 ? random.Next(1, 40) : random.Next(1, most);
        }

        return new Shape(lengths);
    }

    /// <summary>NaN and infinities in the same places, everything else within a relative error norm.</summary>
    protected static void AssertClose((View Reference, View Device) pair, double tolerance)
    {
        var expected = Floats(pair.Reference.Buffer);
        var actual = Floats(pair.Device.Buffer);
        double error = 0, norm = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            if (float.IsFinite(expected[i]) && float.IsFinite(actual[i]))
            {
                error += Math.Pow((double)expected[i] - actual[i], 2);
                norm += Math.Pow(expected[i], 2);
            }
            else
            {
                Assert.True(expected[i].Equals(actual[i]), $"element {i} of {pair.Reference.Shape}: expected {expected[i]}, got {actual[i]}");
            }
        }

        Assert.True(Math.Sqrt(error) <= tolerance * Math.Sqrt(norm) + 1e-7, $"{pair.Reference.Shape}: relative error norm {Math.Sqrt(error / Math.Max(norm, 1e-30)):E2}, allowed {tolerance:E0}");
    }

    protected static void AssertSame((View Reference, View Device) pair)
    {
        var (expected, actual) = (Ints(pair.Reference.Buffer), Ints(pair.Device.Buffer));
        Assert.True(expected.SequenceEqual(actual), $"{pair.Reference.Shape}: expected {string.Join(',', expected)}, got {string.Join(',', actual)}");
    }

    /// <summary>All floats of a buffer, on the host.</summary>
    protected static float[] Floats(DeviceBuffer buffer)
    {
        var values = new float[buffer.Length];
        buffer.Download(values);
        return values;
    }

    /// <summary>All integers of a buffer, on the host.</summary>
    protected static int[] Ints(DeviceBuffer buffer)
    {
        var values = new int[buffer.Length];
        buffer.Download(values);
        return values;
    }

    /// <summary>Puts a function of the reference's values into both buffers, gaps included.</summary>
    protected static void Change((View Reference, View Device) pair, Func<float, float> change)
    {
        var values = Array.ConvertAll(Floats(pair.Reference.Buffer), value => change(value));
        pair.Reference.Buffer.Upload(values);
        pair.Device.Buffer.Upload(values);
    }

    private float[] Values(Random random, long count, double special, float scale)
    {
        var values = new float[count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = random.NextDouble() < special
                ? random.Next(4) switch { 0 => float.NaN, 1 => float.PositiveInfinity, 2 => float.NegativeInfinity, _ => 0 }
                : (random.NextSingle() * 2 - 1) * scale;
        }

        return Device.Precision == MatrixPrecision.Float32 ? values : Array.ConvertAll(values, ToSevenBits);
    }

    /// <summary>Cuts the fraction to the seven bits that every precision keeps.</summary>
    private static float ToSevenBits(float value) => float.IsFinite(value) ? BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(value) & unchecked((int)0xFFFF0000)) : value;

    private static View Place(Device device, float[] values, View view)
    {
        Assert.Same(device, view.Buffer.Device);
        view.Buffer.Upload(values);
        return view;
    }

    private static void Write(DeviceBuffer buffer, int[] bits)
    {
        if (buffer.DType == DType.Int32)
        {
            buffer.Upload(bits);
        }
        else
        {
            buffer.Upload(System.Runtime.InteropServices.MemoryMarshal.Cast<int, float>(bits));
        }
    }
}
