using TaaS.Engine;
using TaaS.Engine.Data;
using TaaS.Engine.Nn;
using TaaS.Kernels;

namespace TaaS.Runtime.Programs;

/// <summary>What is trained: a model and its data, and if need be a loss and a score of its own. Every role of a job makes the same one.</summary>
public interface ITrainingProgram
{
    /// <summary>Name by which a job file asks for it.</summary>
    string Name { get; }

    /// <summary>Makes the model; the same generator state gives the same bits.</summary>
    Module CreateModel(Generator generator, Device device);

    /// <summary>Opens the training set.</summary>
    /// <param name="path">Folder or file from <c>spec.data.path</c>.</param>
    /// <exception cref="DataException">Missing or damaged data.</exception>
    IDataset OpenTrain(string path);

    /// <summary>Opens the test set.</summary>
    /// <inheritdoc cref="OpenTrain"/>
    IDataset OpenTest(string path);

    /// <summary>What training makes small. Cross-entropy unless the program says otherwise.</summary>
    /// <param name="outputs">The model's outputs, [N, …].</param>
    /// <param name="labels">Int32 [N].</param>
    /// <returns>One number: the mean over the batch.</returns>
    Tensor Loss(Tensor outputs, Tensor labels) => F.CrossEntropy(outputs, labels);

    /// <summary>Scores outputs on the test set; the sum over all samples, divided by their number, is what a run reports as test accuracy. Samples whose largest output is their label unless the program says otherwise.</summary>
    /// <param name="outputs">The model's outputs for some samples, row-major, equally many for each.</param>
    /// <param name="labels">The samples' labels.</param>
    /// <returns>The sum of the samples' scores, each from 0 to 1.</returns>
    double Score(ReadOnlySpan<float> outputs, ReadOnlySpan<int> labels) => Classification.CountRight(outputs, labels);
}
