namespace TaaS.Kernels.Cuda;

/// <summary>A convolution's descriptors and the algorithm chosen for it, kept from one call to the next.</summary>
internal sealed unsafe class ConvolutionPlan : IDisposable
{
    // More than any direction has.
    private const int MostOffers = 16;

    private readonly ConvolutionDescriptor _convolution;

    private ConvolutionPlan(in ConvolutionProblem p)
    {
        X = new TensorDescriptor(p.Type, p.N, p.C, p.H, p.W);
        Y = new TensorDescriptor(p.Type, p.N, p.K, p.OutputH, p.OutputW);
        W = new FilterDescriptor(p.Type, p.K, p.C / p.Geometry.Groups, p.R, p.S);
        Bias = new TensorDescriptor(p.Type, 1, p.K, 1, 1);
        _convolution = new ConvolutionDescriptor(p.Geometry, p.IsStrict ? CudnnMathType.Fma : CudnnMathType.Default);
    }

    internal TensorDescriptor X { get; }

    internal TensorDescriptor Y { get; }

    internal FilterDescriptor W { get; }

    internal TensorDescriptor Bias { get; }

    internal nint Convolution => _convolution.Handle;

    /// <summary>The direction's own number of the algorithm.</summary>
    internal int Algorithm { get; private set; }

    /// <summary>Asks the library for its algorithms; null where none will do.</summary>
    internal static ConvolutionPlan? Create(nint handle, in ConvolutionProblem problem, long workspaceBytes)
    {
        var plan = new ConvolutionPlan(problem);
        try
        {
            if (plan.ChooseAlgorithm(handle, problem, workspaceBytes))
            {
                return plan;
            }
        }
        catch
        {
            plan.Dispose();
            throw;
        }

        plan.Dispose();
        return null;
    }

    public void Dispose()
    {
        X.Dispose();
        Y.Dispose();
        W.Dispose();
        Bias.Dispose();
        _convolution.Dispose();
    }

    private bool ChooseAlgorithm(nint handle, in ConvolutionProblem problem, long workspaceBytes)
    {
        var offers = stackalloc AlgorithmPerformance[MostOffers];
        var found = 0;
        var supported = problem.Direction switch
        {
            ConvolutionDirection.Forward => CudnnApi.GetConvolutionForwardAlgorithm(handle, X.Handle, W.Handle, Convolution, Y.Handle, MostOffers, &found, offers).IsSupported("cudnnGetConvolutionForwardAlgorithm_v7"),
            ConvolutionDirection.BackwardData => CudnnApi.GetConvolutionBackwardDataAlgorithm(handle, W.Handle, Y.Handle, Convolution, X.Handle, MostOffers, &found, offers).IsSupported("cudnnGetConvolutionBackwardDataAlgorithm_v7"),
            _ => CudnnApi.GetConvolutionBackwardFilterAlgorithm(handle, X.Handle, Y.Handle, Convolution, W.Handle, MostOffers, &found, offers).IsSupported("cudnnGetConvolutionBackwardFilterAlgorithm_v7"),
        };
        var best = supported ? AlgorithmChoice.Best(new ReadOnlySpan<AlgorithmPerformance>(offers, found), workspaceBytes, problem.IsStrict) : -1;
        if (best < 0)
        {
            return false;
        }

        Algorithm = offers[best].Algorithm;
        if (!problem.IsStrict)
        {
            // An offer is a pair of algorithm and arithmetic; the strict one stays as it is, whatever the offer says.
            _convolution.SetMath(offers[best].MathType);
        }

        return true;
    }
}
