namespace TaaS.Kernels.Cpu;

/// <summary>Element-wise kernels: an operator struct each, one loop for all (<see cref="MapJob{TOperator}"/>).</summary>
internal sealed unsafe class CpuElementwise : IElementwiseKernels
{
    public void Binary(BinaryOp op, View a, View b, View y)
    {
        var axes = new MergedAxes(y.Shape);
        axes.Add(y.Strides);
        axes.Add(a.Strides);
        axes.Add(b.Strides);
        Binary(op, ref axes, y, a, b.FloatPointer);
        GC.KeepAlive(b.Buffer);
    }

    public void BinaryScalar(BinaryOp op, View a, float s, View y)
    {
        if (op == BinaryOp.Power && s == 2)
        {
            Map(new SquareOperator(), a, y);
            return;
        }

        var axes = new MergedAxes(y.Shape);
        axes.Add(y.Strides);
        axes.Add(a.Strides);
        axes.AddScalar();
        Binary(op, ref axes, y, a, &s);
    }

    public void Unary(UnaryOp op, View x, View y, float alpha = 0.01f)
    {
        switch (op)
        {
            case UnaryOp.Negate: Map(new NegateOperator(), x, y); break;
            case UnaryOp.Absolute: Map(new AbsoluteOperator(), x, y); break;
            case UnaryOp.Exp: Map(new ExpOperator(), x, y); break;
            case UnaryOp.Log: Map(new LogOperator(), x, y); break;
            case UnaryOp.Sqrt: Map(new SqrtOperator(), x, y); break;
            case UnaryOp.Relu: Map(new ReluOperator(), x, y); break;
            case UnaryOp.LeakyRelu: Map(new LeakyReluOperator(alpha), x, y); break;
            case UnaryOp.Gelu: Map(new GeluOperator(), x, y); break;
            case UnaryOp.Sigmoid: Map(new SigmoidOperator(), x, y); break;
            case UnaryOp.Tanh: Map(new TanhOperator(), x, y); break;
            default: throw new ArgumentOutOfRangeException(nameof(op), op, "unary: no such operation");
        }
    }

    public void UnaryBackward(UnaryOp op, View x, View y, View dy, View dx, float alpha = 0.01f)
    {
        switch (op)
        {
            case UnaryOp.Negate: Map(new NegateOperator(), dy, dx); break;
            case UnaryOp.Absolute: Map(new AbsoluteSlope(), dy, x, dx); break;
            case UnaryOp.Exp: Map(new MultiplyOperator(), dy, y, dx); break;
            case UnaryOp.Log: Map(new DivideOperator(), dy, x, dx); break;
            case UnaryOp.Sqrt: Map(new SqrtSlope(), dy, y, dx); break;
            case UnaryOp.Relu: Map(new ReluSlope(0), dy, x, dx); break;
            case UnaryOp.LeakyRelu: Map(new ReluSlope(alpha), dy, x, dx); break;
            case UnaryOp.Gelu: Map(new GeluSlope(), dy, x, dx); break;
            case UnaryOp.Sigmoid: Map(new SigmoidSlope(), dy, y, dx); break;
            case UnaryOp.Tanh: Map(new TanhSlope(), dy, y, dx); break;
            default: throw new ArgumentOutOfRangeException(nameof(op), op, "unary gradient: no such operation");
        }
    }

    public void Axpy(float alpha, View x, View y) => Map(new AxpyOperator(alpha), x, y, y);

    public void Fill(View y, float value)
    {
        var axes = new MergedAxes(y.Shape);
        axes.Add(y.Strides);
        axes.AddScalar();
        Run(new IdentityOperator(), ref axes, y, &value, null);
    }

    public void Copy(View x, View y)
    {
        // Both element types have four bytes, and nothing is computed.
        var integers = y.Buffer.DType == DType.Int32;
        var source = integers ? (float*)x.IntPointer : x.FloatPointer;
        var target = integers ? (float*)y.IntPointer : y.FloatPointer;
        var axes = new MergedAxes(y.Shape);
        axes.Add(y.Strides);
        axes.Add(x.Strides);
        if (y.Elements > 0)
        {
            axes.Merge(orderedBy: 0);
            if (!TransposeJob.TryRun(axes, target, source))
            {
                MapJob<IdentityOperator>.Run(default, axes, target, source);
            }
        }

        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(y.Buffer);
    }

    public void OneHot(View labels, View y)
    {
        ReadOnlySpan<int> positions = labels.Ints;
        var target = y.Floats;
        target.Clear();
        for (var row = 0; row < positions.Length; row++)
        {
            target[row * y.Shape[1] + positions[row]] = 1;
        }
    }

    private static void Binary(BinaryOp op, ref MergedAxes axes, in View y, in View a, float* b)
    {
        switch (op)
        {
            case BinaryOp.Add: Run(new AddOperator(), ref axes, y, a.FloatPointer, b); break;
            case BinaryOp.Subtract: Run(new SubtractOperator(), ref axes, y, a.FloatPointer, b); break;
            case BinaryOp.Multiply: Run(new MultiplyOperator(), ref axes, y, a.FloatPointer, b); break;
            case BinaryOp.Divide: Run(new DivideOperator(), ref axes, y, a.FloatPointer, b); break;
            case BinaryOp.Maximum: Run(new MaximumOperator(), ref axes, y, a.FloatPointer, b); break;
            case BinaryOp.Minimum: Run(new MinimumOperator(), ref axes, y, a.FloatPointer, b); break;
            case BinaryOp.Power: Run(new PowerOperator(), ref axes, y, a.FloatPointer, b); break;
            case BinaryOp.Greater: Run(new GreaterOperator(), ref axes, y, a.FloatPointer, b); break;
            case BinaryOp.Equal: Run(new EqualOperator(), ref axes, y, a.FloatPointer, b); break;
            default: throw new ArgumentOutOfRangeException(nameof(op), op, "binary: no such operation");
        }

        GC.KeepAlive(a.Buffer);
    }

    private static void Map<TOperator>(in TOperator op, in View a, in View y)
        where TOperator : struct, IMapOperator
    {
        var axes = new MergedAxes(y.Shape);
        axes.Add(y.Strides);
        axes.Add(a.Strides);
        Run(op, ref axes, y, a.FloatPointer, null);
        GC.KeepAlive(a.Buffer);
    }

    private static void Map<TOperator>(in TOperator op, in View a, in View b, in View y)
        where TOperator : struct, IMapOperator
    {
        var axes = new MergedAxes(y.Shape);
        axes.Add(y.Strides);
        axes.Add(a.Strides);
        axes.Add(b.Strides);
        Run(op, ref axes, y, a.FloatPointer, b.FloatPointer);
        GC.KeepAlive(a.Buffer);
        GC.KeepAlive(b.Buffer);
    }

    private static void Run<TOperator>(in TOperator op, ref MergedAxes axes, in View y, float* a, float* b)
        where TOperator : struct, IMapOperator
    {
        if (y.Elements > 0)
        {
            axes.Merge(orderedBy: 0);
            MapJob<TOperator>.Run(op, axes, y.FloatPointer, a, b);
            GC.KeepAlive(y.Buffer);
        }
    }
}
