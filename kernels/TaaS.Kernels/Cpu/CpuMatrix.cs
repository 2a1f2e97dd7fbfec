namespace TaaS.Kernels.Cpu;

/// <summary>Matrix products on packed panels and register tiles.</summary>
internal sealed unsafe class CpuMatrix(Microkernel kernel) : IMatrixKernels
{
    public void Multiply(View a, View b, View c, float alpha = 1, float beta = 0)
    {
        var problem = new GemmProblem
        {
            A = a.FloatPointer,
            ARow = Step(a, -2),
            AStep = Step(a, -1),
            B = b.FloatPointer,
            BStep = Step(b, -2),
            BColumn = Step(b, -1),
            C = c.FloatPointer,
            CStep = Step(c, -2),
            M = c.Shape[-2],
            N = c.Shape[-1],
            K = a.Shape[-1],
            Alpha = alpha,
            Accumulate = beta != 0,
        };
        var batched = c.Shape.Rank == 3;
        var job = new BatchJob(problem, kernel, beta, batched ? BatchStep(a) : 0, batched ? BatchStep(b) : 0, batched ? (nint)c.Strides[0] : 0);
        var batches = batched ? c.Shape[0] : 1;
        var work = (long)problem.M * problem.N * problem.K;
        if (batches >= CpuPool.Threads && work < 64 * Gemm.ParallelWork && work * batches >= Gemm.ParallelWork)
        {
            CpuPool.Run(batches, job);
        }
        else
        {
            for (var batch = 0; batch < batches; batch++)
            {
                job.Execute(batch);
            }
        }

        KeepAlive(a, b, c);
    }

    public void Linear(View x, View w, View? bias, View y, FusedActivation activation)
    {
        var problem = new GemmProblem
        {
            A = x.FloatPointer,
            ARow = x.Shape[1],
            AStep = 1,
            B = w.FloatPointer,
            BStep = 1,
            BColumn = x.Shape[1],
            C = y.FloatPointer,
            CStep = y.Shape[1],
            M = y.Shape[0],
            N = y.Shape[1],
            K = x.Shape[1],
            Alpha = 1,
            LineBias = bias is { } shift ? shift.FloatPointer : null,
            Relu = activation == FusedActivation.Relu,
        };
        Gemm.Run(problem, kernel);
        KeepAlive(x, w, y);
        GC.KeepAlive(bias?.Buffer);
    }

    /// <summary>Step of an axis; one that is never taken counts as 1, so that it does not look like a transposition.</summary>
    private static nint Step(in View view, int axis)
    {
        axis += view.Shape.Rank;
        return view.Shape[axis] > 1 ? (nint)view.Strides[axis] : 1;
    }

    private static nint BatchStep(in View view) => view.Shape.Rank == 3 && view.Shape[0] > 1 ? (nint)view.Strides[0] : 0;

    private static void KeepAlive(in View first, in View second, in View third)
    {
        GC.KeepAlive(first.Buffer);
        GC.KeepAlive(second.Buffer);
        GC.KeepAlive(third.Buffer);
    }

    /// <summary>One matrix of a batch.</summary>
    private readonly struct BatchJob(GemmProblem problem, Microkernel kernel, float beta, nint aStep, nint bStep, nint cStep) : IParallelJob
    {
        public void Execute(int index)
        {
            var one = problem;
            one.A += index * aStep;
            one.B += index * bStep;
            one.C += index * cStep;
            if (beta is not (0 or 1))
            {
                for (var row = 0; row < one.M; row++)
                {
                    var line = new Span<float>(one.C + row * one.CStep, one.N);
                    foreach (ref var value in line)
                    {
                        value *= beta;
                    }
                }
            }

            Gemm.Run(one, kernel);
        }
    }
}
