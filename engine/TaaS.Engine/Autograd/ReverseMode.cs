namespace TaaS.Engine;

/// <summary>Walks the tape backwards and adds up gradients.</summary>
internal static class ReverseMode
{
    /// <summary>Fills <see cref="Tensor.Grad"/> of every leaf behind a result.</summary>
    /// <param name="result">Where to begin.</param>
    /// <param name="gradient">Gradient of the result.</param>
    /// <param name="finished">Told of each leaf when its gradient is final and its value is read no more.</param>
    public static void Run(Tensor result, Tensor gradient, Action<Tensor>? finished)
    {
        using var _ = NoGrad.Scope();
        var gradients = new Dictionary<Tensor, Gradient>(ReferenceEqualityComparer.Instance) { [result] = new Gradient(gradient, Owned: false) };
        foreach (var tensor in ResultsFirst(result))
        {
            if (!gradients.Remove(tensor, out var dy))
            {
                continue;
            }

            if (tensor.Node is not { } node)
            {
                Accumulate(tensor, dy);
                finished?.Invoke(tensor);
                continue;
            }

            var inputs = node.Backward(dy.Value);
            for (var i = 0; i < inputs.Length; i++)
            {
                if (inputs[i] is { } dx && node.Inputs[i].RequiresGrad)
                {
                    // A backward function that passes dy on, or a view of it, shares its memory with others.
                    var owned = dx.View.Buffer != dy.Value.View.Buffer;
                    gradients[node.Inputs[i]] = gradients.TryGetValue(node.Inputs[i], out var sum) ? Add(sum, dx) : new Gradient(dx, owned);
                }
            }
        }
    }

    /// <summary>A tensor used twice gets the sum, in place where the memory is its own.</summary>
    private static Gradient Add(Gradient sum, Tensor dx)
    {
        if (!sum.Owned)
        {
            return new Gradient(sum.Value + dx, Owned: true);
        }

        AddInto(sum.Value, dx);
        return sum;
    }

    private static void Accumulate(Tensor leaf, Gradient dy)
    {
        if (leaf.Grad is { } sum)
        {
            AddInto(sum, dy.Value);
        }
        else
        {
            leaf.Grad = dy.Owned && dy.Value.View.IsContiguous ? dy.Value.Detach() : Copy(dy.Value);
        }
    }

    private static Tensor Copy(Tensor x)
    {
        var copy = Tensor.Empty(x.Shape, x.Device);
        var (source, target, device) = (x.View, copy.View, x.Device);
        Launcher.Run(() => device.Elementwise.Copy(source, target));
        return copy;
    }

    private static void AddInto(Tensor sum, Tensor dx)
    {
        var (source, target, device) = (dx.View, sum.View, sum.Device);
        Launcher.Run(() => device.Elementwise.Axpy(1, source, target));
    }

    /// <summary>Every tensor behind a result, each before its inputs. A loop, not a recursion: a tape may be longer than the stack is deep.</summary>
    private static List<Tensor> ResultsFirst(Tensor result)
    {
        var order = new List<Tensor>();
        var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance) { result };
        var path = new Stack<(Tensor Tensor, int Next)>();
        path.Push((result, 0));
        while (path.TryPop(out var at))
        {
            var inputs = at.Tensor.Node?.Inputs ?? [];
            if (at.Next == inputs.Length)
            {
                order.Add(at.Tensor);
                continue;
            }

            path.Push((at.Tensor, at.Next + 1));
            var input = inputs[at.Next];
            if (input.RequiresGrad && seen.Add(input))
            {
                path.Push((input, 0));
            }
        }

        order.Reverse();
        return order;
    }

    private readonly record struct Gradient(Tensor Value, bool Owned);
}
