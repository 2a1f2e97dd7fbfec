namespace TaaS.Runtime;

/// <summary>A run was cancelled; the message says whether it left a checkpoint to go on from.</summary>
public sealed class TrainingCanceledException : OperationCanceledException
{
    internal TrainingCanceledException(string message)
        : base(message)
    {
    }

    internal TrainingCanceledException(RunFolder folder, OperationCanceledException cause, CancellationToken cancel)
        : base(
            File.Exists(folder.Checkpoint)
                ? $"interrupted; go on from here with --resume {folder.Checkpoint}"
                : $"interrupted before the first checkpoint was saved; the run is {folder.Path}",
            cause,
            cancel)
    {
    }
}
