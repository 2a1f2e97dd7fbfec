using TaaS.Kernels;

namespace TaaS.Engine;

/// <summary>
/// A strided array on a device that remembers how it was computed, so that <see cref="Backward"/> can differentiate it.
/// <b>DType</b>: Float32, or Int32 for labels and positions (never differentiated). Memory is freed by the garbage collector with the last tensor that views it.
/// Operations run in program order on the caller's thread (kernels use several cores inside). Not thread-safe.
/// </summary>
public sealed partial class Tensor
{
    internal Tensor(View view, Node? node = null)
    {
        View = view;
        Node = node;
    }

    /// <summary>The elements in memory.</summary>
    public View View { get; }

    /// <summary>Lengths of the axes.</summary>
    public Shape Shape => View.Shape;

    /// <summary>Element type.</summary>
    public DType DType => View.Buffer.DType;

    /// <summary>Where the elements lie and operations run.</summary>
    public Device Device => View.Buffer.Device;

    /// <summary>Whether gradients flow here: set on parameters, inherited by results.</summary>
    public bool RequiresGrad
    {
        get => Node is not null || _leafRequiresGrad;
        set => _leafRequiresGrad = value;
    }

    /// <summary>Gradient of the last <see cref="Backward"/> calls, summed until it is set to null. Leaves only.</summary>
    public Tensor? Grad { get; set; }

    internal Node? Node { get; }

    private bool _leafRequiresGrad;

    /// <summary>A tensor of arbitrary content.</summary>
    public static Tensor Empty(Shape shape, Device device, DType dtype = DType.Float32) => new(new View(device.Allocate(dtype, shape.Elements), shape));

    /// <summary>A tensor of zeros.</summary>
    public static Tensor Zeros(Shape shape, Device device, DType dtype = DType.Float32) => new(new View(device.Allocate(dtype, shape.Elements, zeroed: true), shape));

    /// <summary>A tensor filled with one value.</summary>
    public static Tensor Full(Shape shape, float value, Device device)
    {
        var result = Empty(shape, device);
        var view = result.View;
        Launcher.Run(() => device.Elementwise.Fill(view, value));
        return result;
    }

    /// <summary>A tensor of the given values, row-major.</summary>
    /// <exception cref="ShapeException">Another number of values than the shape has elements.</exception>
    public static Tensor From(ReadOnlySpan<float> values, Shape shape, Device device)
    {
        CheckCount(values.Length, shape);
        var result = Empty(shape, device);
        result.View.Upload(values);
        return result;
    }

    /// <summary>Class labels as an Int32 tensor [count].</summary>
    public static Tensor FromLabels(ReadOnlySpan<int> labels, Device device)
    {
        var result = Empty(new Shape(labels.Length), device, DType.Int32);
        result.View.Upload(labels);
        return result;
    }

    /// <summary>The values, row-major, copied to an array; waits for the device.</summary>
    public float[] ToArray()
    {
        var values = new float[Shape.Elements];
        Contiguous().View.Download(values);
        return values;
    }

    /// <summary>The integers of an Int32 tensor, row-major, copied to an array; waits for the device.</summary>
    public int[] ToIntArray()
    {
        var values = new int[Shape.Elements];
        Contiguous().View.Download(values);
        return values;
    }

    /// <summary>This tensor if it lies on the device, else a contiguous copy there. Not differentiated.</summary>
    public Tensor To(Device device)
    {
        if (device == Device)
        {
            return this;
        }

        var copy = Empty(Shape, device, DType);
        var source = Contiguous().View;
        copy.View.Buffer.CopyFrom(source.Buffer, source.Offset, 0, (int)source.Elements);
        return copy;
    }

    /// <summary>The one value of a tensor of one element; waits for the device.</summary>
    /// <exception cref="ShapeException">The tensor has another number of elements.</exception>
    public float Item()
    {
        if (Shape.Elements != 1)
        {
            throw new ShapeException($"item: {Shape} has {Shape.Elements} elements, expected one");
        }

        var value = 0f;
        View.Buffer.Download(new Span<float>(ref value), View.Offset);
        return value;
    }

    /// <summary>Overwrites this tensor's elements with another's of the same shape, from any device. Not differentiated.</summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public void CopyFrom(Tensor source)
    {
        ShapeRules.Same("copy", source.Shape, Shape);
        var (from, to, device) = (source.To(Device).View, View, Device);
        Launcher.Run(() => device.Elementwise.Copy(from, to));
    }

    /// <summary>The same memory, cut off from how it was computed.</summary>
    public Tensor Detach() => new(View);

    /// <summary>
    /// Computes the gradient of this tensor with respect to every leaf that requires one and adds it to the leaf's <see cref="Grad"/>.
    /// <b>Source</b>: reverse-mode accumulation (Griewank and Walther, Evaluating Derivatives, ch. 3).
    /// </summary>
    /// <param name="gradient">Gradient of the final quantity with respect to this tensor; may be left out for one element (then 1).</param>
    /// <exception cref="ShapeException">No gradient given for more than one element, or one of another shape.</exception>
    public void Backward(Tensor? gradient = null) => Differentiate(gradient, null);

    /// <summary><see cref="Backward"/> that tells of each leaf once its gradient is final.</summary>
    internal void Differentiate(Tensor? gradient, Action<Tensor>? finished)
    {
        if (gradient is null && Shape.Elements != 1)
        {
            throw new ShapeException($"backward: {Shape} has {Shape.Elements} elements; give the gradient, or reduce to one element first");
        }

        if (gradient is not null)
        {
            ShapeRules.Same("backward", gradient.Shape, Shape);
        }

        ReverseMode.Run(this, gradient ?? Full(Shape, 1, Device), finished);
    }

    /// <summary>Shape, type and device, as <c>Float32[64,10]@cpu</c>.</summary>
    public override string ToString() => $"{DType}{Shape}@{Device}";

    /// <summary>A result of an operation; keeps the node when some input requires a gradient and recording is on.</summary>
    internal static Tensor Result(View view, BackwardFunction backward, params ReadOnlySpan<Tensor> inputs)
    {
        if (NoGrad.Active)
        {
            return new Tensor(view);
        }

        foreach (var input in inputs)
        {
            if (input.RequiresGrad)
            {
                return new Tensor(view, new Node(inputs.ToArray(), backward));
            }
        }

        return new Tensor(view);
    }

    private static void CheckCount(int count, Shape shape)
    {
        if (count != shape.Elements)
        {
            throw new ShapeException($"tensor: {count} values given for {shape}, which has {shape.Elements} elements");
        }
    }
}
