using TaaS.Kernels;

namespace TaaS.Engine;

/// <summary>
/// One training step on buffers of fixed shape: forward, loss, backward and, if given, the update. The first run records every kernel launch
/// in order; later runs replay the list, which builds no tape and allocates no managed memory.
/// </summary>
/// <remarks>
/// On a device that can freeze launches, those between two finished gradients become one.
/// What may differ between runs lives in buffers (samples, labels, parameters) or in objects that launches read when they run
/// (learning rate, generator). Control flow of the model is frozen by the first run. Not thread-safe.
/// </remarks>
public sealed class TrainingStep
{
    private readonly Func<Tensor, Tensor> _forward;
    private readonly Func<Tensor, Tensor, Tensor> _loss;
    private readonly Tensor[] _parameters;
    private readonly Action? _update;
    private readonly float _lossScale;
    private readonly List<(int Launch, int Parameter)> _finished = [];
    private Launch[]? _launches;
    private Action[]? _replay;
    private Tensor? _lossValue;

    /// <summary>Makes a step; nothing runs yet.</summary>
    /// <param name="forward">The model: samples to outputs.</param>
    /// <param name="loss">Outputs and labels to one number.</param>
    /// <param name="parameters">What is trained; after each run their <see cref="Tensor.Grad"/> holds the step's gradient, always in the same buffer.</param>
    /// <param name="samples">Fixed input buffer [N, …]; fill it before each run.</param>
    /// <param name="labels">Fixed label buffer, Int32 [N]; fill it before each run.</param>
    /// <param name="update">The optimizer's step, or null where gradients go elsewhere (a parameter server).</param>
    /// <param name="lossScale">
    /// Factor of the loss during the backward pass, by which gradients are divided at its end: keeps small ones alive where products round their operands to f16.
    /// A power of two changes no bits otherwise. <b>Source</b>: Micikevicius et al. 2018, arXiv:1710.03740, section 3.2.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A loss scale that is not a finite number above 0.</exception>
    public TrainingStep(Func<Tensor, Tensor> forward, Func<Tensor, Tensor, Tensor> loss, IEnumerable<Tensor> parameters, Tensor samples, Tensor labels, Action? update = null, float lossScale = 1)
    {
        if (!(lossScale > 0) || float.IsInfinity(lossScale))
        {
            throw new ArgumentOutOfRangeException(nameof(lossScale), $"training step: the loss scale must be a finite number above 0, got {lossScale}");
        }

        (_forward, _loss, _update, _lossScale) = (forward, loss, update, lossScale);
        _parameters = [.. parameters];
        (Samples, Labels) = (samples, labels);
    }

    /// <summary>Input of the next run.</summary>
    public Tensor Samples { get; }

    /// <summary>Labels of the next run.</summary>
    public Tensor Labels { get; }

    /// <summary>Mean loss of the last run; waits for the device.</summary>
    /// <exception cref="InvalidOperationException">Nothing has run.</exception>
    public float Loss => LossValue.Item();

    /// <summary>Mean loss of the last run, one element where it was computed; the next run overwrites it.</summary>
    /// <exception cref="InvalidOperationException">Nothing has run.</exception>
    public Tensor LossValue => _lossValue ?? throw new InvalidOperationException("training step: no loss before the first run");

    /// <summary>Runs the step on what <see cref="Samples"/> and <see cref="Labels"/> hold now.</summary>
    /// <param name="gradientFinished">
    /// Told each parameter's index once its gradient is final, in the order of the backward pass and while that goes on, so that a push can overlap it.
    /// The first run, which chooses the buffers, tells of them all at its end.
    /// </param>
    public void Run(Action<int>? gradientFinished = null)
    {
        if (_launches is null)
        {
            _launches = Launcher.Record(FirstRun);
            foreach (var (_, parameter) in _finished)
            {
                gradientFinished?.Invoke(parameter);
            }

            return;
        }

        // The first run made what the kernels need beside their arguments; from now on they can be frozen.
        _replay ??= Freeze(_launches);
        var told = 0;
        for (var launch = 0; launch <= _replay.Length; launch++)
        {
            for (; told < _finished.Count && _finished[told].Launch == launch; told++)
            {
                gradientFinished?.Invoke(_finished[told].Parameter);
            }

            if (launch < _replay.Length)
            {
                _replay[launch]();
            }
        }
    }

    /// <summary>Joins neighbouring launches where the device can, and moves the marks of finished gradients along. Those that vary stay as they are.</summary>
    private Action[] Freeze(Launch[] launches)
    {
        var device = Samples.Device;
        var replay = new List<Action>(launches.Length);
        var marks = new Queue<(int Launch, int Parameter)>(_finished);
        _finished.Clear();
        for (var first = 0; first < launches.Length;)
        {
            MoveMarks(first);
            var end = first + 1;
            while (end < launches.Length && !launches[first].Varies && !launches[end].Varies && !marks.Any(mark => mark.Launch == end))
            {
                end++;
            }

            Action[] block = [.. launches[first..end].Select(launch => launch.Run)];
            if (!launches[first].Varies && device.Freeze(block) is { } frozen)
            {
                replay.Add(frozen);
            }
            else
            {
                replay.AddRange(block);
            }

            first = end;
        }

        MoveMarks(launches.Length);
        return [.. replay];

        void MoveMarks(int launch)
        {
            while (marks.TryPeek(out var mark) && mark.Launch == launch)
            {
                _finished.Add((replay.Count, marks.Dequeue().Parameter));
            }
        }
    }

    private void FirstRun()
    {
        foreach (var parameter in _parameters)
        {
            // The first gradient that arrives becomes the buffer; replays overwrite it.
            parameter.Grad = null;
        }

        var loss = _loss(_forward(Samples), Labels);
        loss.Differentiate(_lossScale == 1 ? null : Tensor.Full(loss.Shape, _lossScale, loss.Device), Finish);
        foreach (var parameter in _parameters)
        {
            if (parameter.Grad is null)
            {
                parameter.Grad = Tensor.Zeros(parameter.Shape, parameter.Device);
                Finish(parameter);
            }
        }

        _update?.Invoke();
        _lossValue = loss.Detach();
    }

    private void Finish(Tensor leaf)
    {
        var parameter = Array.FindIndex(_parameters, candidate => ReferenceEquals(candidate, leaf));
        if (parameter >= 0)
        {
            if (_lossScale != 1)
            {
                var (gradient, device, unscale) = (leaf.Grad!.View, leaf.Device, 1 / _lossScale);
                Launcher.Run(() => device.Elementwise.BinaryScalar(BinaryOp.Multiply, gradient, unscale, gradient));
            }

            _finished.Add((Launcher.Recorded, parameter));
        }
    }
}
