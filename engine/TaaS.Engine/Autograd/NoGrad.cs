namespace TaaS.Engine;

/// <summary>While one is open, operations on this thread are not recorded for differentiation: <c>using var _ = NoGrad.Scope();</c></summary>
public static class NoGrad
{
    [ThreadStatic]
    private static int depth;

    /// <summary>Whether a scope is open on this thread.</summary>
    public static bool Active => depth > 0;

    /// <summary>Opens a scope; disposing of it closes it.</summary>
    public static IDisposable Scope()
    {
        depth++;
        return new Closing();
    }

    private sealed class Closing : IDisposable
    {
        private bool _closed;

        public void Dispose()
        {
            if (!_closed)
            {
                _closed = true;
                depth--;
            }
        }
    }
}
