namespace TaaS.Engine;

/// <summary>Turns the gradient of an operation's result into those of its inputs, in their order; null where none is needed.</summary>
internal delegate Tensor?[] BackwardFunction(Tensor dy);

/// <summary>How a tensor was computed: an entry of the tape.</summary>
internal sealed record Node(Tensor[] Inputs, BackwardFunction Backward);
