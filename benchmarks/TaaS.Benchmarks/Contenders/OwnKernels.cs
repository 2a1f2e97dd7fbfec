using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Timing;
using TaaS.Kernels;

namespace TaaS.Benchmarks.Contenders;

/// <summary>Our kernels on a device as contenders; each is checked before it is timed, once.</summary>
/// <param name="device">Where they run.</param>
/// <param name="reference">Whose results are right.</param>
/// <param name="scale">How large operands are.</param>
internal sealed class OwnKernels(Device device, Device reference, Scale scale)
{
    private readonly HashSet<Operation> _right = [];

    internal Contender Contender(Operation operation) => new(Library.TaaS, operation.Work.Amount, _ => Prepare(operation));

    private Action Prepare(Operation operation)
    {
        var prepared = Rotation.Prepare(operation, device, Rotation.Copies(operation, scale));
        if (!_right.Contains(operation))
        {
            if (Verification.Check(operation, prepared[0], device, reference) is { } difference)
            {
                throw new WrongResultException($"{operation.FullName}: wrong, so not timed: {difference}");
            }

            _right.Add(operation);
        }

        return Rotation.InTurn(Array.ConvertAll(prepared, one => one.Run));
    }
}
