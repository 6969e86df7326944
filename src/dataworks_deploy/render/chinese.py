"""The sentences of the renderers in Chinese, by the English ones. Facts stand in the same places in both.

Terms are those of `docs/glossary.md`: what DataWorks' console says, and what GitHub's pages say in Chinese. Names of
inputs, values, codes and statuses stay as they are.
"""

CHINESE = {
    # What happened to an object.
    "Not started: another object did not succeed.": "另一个对象没有成功，因此没有开始。",
    "An earlier attempt of this job has sent this request. If all earlier attempts ended without a run, and none "
    "of them as `unknown` or `conflict`, nothing was created. Then start a new workflow run, or run this one again "
    "in half an hour.": (
        "此作业之前的某次尝试已发送过此请求。如果之前的所有尝试都在没有发布流程的情况下结束，且都不是 `unknown` 或 "
        "`conflict`，则没有创建任何发布流程。这时请启动新的工作流程运行，或半小时后重新运行此作业。"
    ),
    "Runs show no descriptions here, so the run cannot be recognised by its mark. Compare the times instead.": (
        "这里的发布流程不显示描述，因此无法通过标记识别发布流程。请改为对照时间。"
    ),
    "approval in DataWorks": "DataWorks 中的审批",
    "a person, because advance: false leaves all stages to people": (
        "人工处理，因为 advance: false 将所有阶段留给人工执行"
    ),
    "a person, because the run is somebody else's and is only followed": (
        "人工处理，因为该发布流程属于他人，此步骤只跟踪它"
    ),
    "Run {run} was abolished when the step was cancelled{untouched}.": "步骤被取消时终止了发布流程 {run}{untouched}。",
    "Run {run} was abolished when the deadline passed{untouched}.": "到达时限时终止了发布流程 {run}{untouched}。",
    "Run {run} was abolished because the step failed (abolish-on: failure){untouched}.": (
        "由于步骤失败（abolish-on: failure），终止了发布流程 {run}{untouched}。"
    ),
    "Check that this run has {mark} at the start of its description. If it does not, look for a run that does.": (
        "请检查此发布流程的描述是否以 {mark} 开头。如果不是，请查找描述以它开头的发布流程。"
    ),
    "Before you try again, look for a run with {mark} at the start of its description.": (
        "重试之前，请查找描述以 {mark} 开头的发布流程。"
    ),
    "In the deployment records of workspace {workspace} in DataWorks (undeployments too), search for "
    "runs of object {object} created between {began} and {until}.": (
        "请在 DataWorks 中打开工作空间 {workspace} 的发布记录（下线也在其中），查找对象 {object} 在 {began} 到 "
        "{until} 之间创建的发布流程。"
    ),
    "In the deployment records of workspace {workspace} in DataWorks (undeployments too), search for "
    "runs of object {object} created since {began}.": (
        "请在 DataWorks 中打开工作空间 {workspace} 的发布记录（下线也在其中），查找对象 {object} 自 {began} 以"
        "来创建的发布流程。"
    ),
    "The step could not look for it: no reading of the list of runs succeeded ({said}).": (
        "步骤无法查找它：没有一次成功读取发布流程列表（{said}）。"
    ),
    "It is an {other} run, and type is {wanted}. Its stages are {stages}.": (
        "它是 {other} 发布流程，而 type 为 {wanted}。它的阶段有 {stages}。"
    ),
    "Whether stage {stage} was executed is not known, because no clear answer came: {said}.": (
        "没有收到明确的响应，因此不知道阶段 {stage} 是否已执行：{said}。"
    ),
    "; production has not changed": "；生产环境没有变化",
    "; production may have changed": "；生产环境可能已更改",
    "The last {count} readings failed, the last one with: {said}.": "最近 {count} 次读取失败，最后一次为：{said}。",
    "Stage {stage} is still {status} and may wait for approval in DataWorks.": (
        "阶段 {stage} 仍为 {status}，可能在等待 DataWorks 中的审批。"
    ),
    "the workflow run's first attempt": "工作流程运行的第一次尝试",
    "The last reading of the list of runs failed ({said}).": "最后一次读取发布流程列表失败（{said}）。",
    "Stage {stage} waits to be executed. The service refused it: {said}.": (
        "阶段 {stage} 等待执行。服务拒绝了执行：{said}。"
    ),
    ", which no reading shows yet": "，但还没有读取到这一状态",
    "; development has changed, production has not changed": "；开发环境有变化，生产环境没有变化",
    "Not started before the step ended.": "步骤在轮到此对象之前结束。",
    "Refused for now ({said}), and not sent again: another object failed.": (
        "暂时被拒绝（{said}），且没有再次发送：另一个对象失败。"
    ),
    "Could not be sent ({said}), and was not tried again: another object failed.": (
        "无法发送（{said}），且没有重试：另一个对象失败。"
    ),
    "Not started: {object} comes before this object and did not succeed.": (
        "排在此对象之前的 {object} 没有成功，因此没有开始。"
    ),
    "Not started: {object} comes before this object, and its run waits for a person.": (
        "排在此对象之前的 {object} 在等待人工处理，因此没有开始。"
    ),
    "Not sent: {said}": "未发送：{said}",
    "Run {run} of {creator}, created {created}, is active on this object, and the request to create a run had no "
    "clear answer.": (
        "此对象上有发布流程 {run} 正在进行（创建者：{creator}，创建于 {created}），而创建发布流程的请求没有收到明确"
        "的响应。"
    ),
    "Run {run} of {creator}, created {created}, is open on this object.": (
        "此对象上有未结束的发布流程 {run}（创建者：{creator}，创建于 {created}）。"
    ),
    "The action cannot read whether other runs of this object are open ({said}). With on-active-run: {choice} it "
    "then creates nothing.": "无法确认此对象是否有其他未结束的发布流程（{said}）。on-active-run: {choice} 时不会创建。",
    "The service answered the request to create a run with the ID of run {run} of {creator}, created {created}. "
    "That run does not bear this job's mark, so it was left alone. Nobody can tell whether a run was created "
    "for this job. Look for one with {mark} at the start of its description.": (
        "服务对创建请求返回了发布流程 {run} 的 ID（创建者：{creator}，创建于 {created}）。该发布流程没有此作业"
        "的标记，因此没有处理它。无法知道是否为此作业创建了发布流程。请查找描述以 {mark} 开头的发布流程。"
    ),
    "Before you try again, look at these runs: {runs}. No run of this workspace shows a description, "
    "so this re-run cannot tell whether one of them is an earlier attempt's. It created nothing.": (
        "重试之前，请查看这些发布流程：{runs}。此工作空间的发布流程都不显示描述，因此这次重新运行无法知道其中是"
        "否有之前尝试的发布流程。它没有创建任何发布流程。"
    ),
    "An earlier attempt of this job may have left it: its runs cannot be read ({said}). This re-run created "
    "nothing.": (
        "此作业之前的某次尝试可能留下了它：无法读取其发布流程（{said}）。这次重新运行没有创建任何发布流程。"
    ),
    "The action could not find out whether this run was created ({said}).": (
        "无法查明是否已创建该发布流程（{said}）。"
    ),
    "An earlier attempt of this job has already done this (run {run}, created {created}). What others "
    "have done since was not checked. To do it again on every attempt, set on-rerun: redeploy.": (
        "此作业之前的某次尝试已经做过这件事（发布流程 {run}，创建于 {created}）。没有检查此后他人做过什么。要在"
        "每次尝试时都再次执行，请设置 on-rerun: redeploy。"
    ),
    "Stage {stage} has succeeded.": "阶段 {stage} 已成功。",
    "Stage {stage} of run {run_id} waits for {what}.": "发布流程 {run_id} 的阶段 {stage} 在等待{what}。",
    "until-stage: run {run_id} has no stage {wanted}. It has {codes}.": (
        "until-stage：发布流程 {run_id} 没有阶段 {wanted}。它的阶段有 {codes}。"
    ),
    "Run {run} ended as {status} at stage {stage}: {why}": "发布流程 {run} 在阶段 {stage} 以 {status} 结束：{why}",
    "Run {run} ended as {status}: {why}": "发布流程 {run} 以 {status} 结束：{why}",
    "Run {run} is not of type {wanted}.": "发布流程 {run} 的类型不是 {wanted}。",
    "Run {run}, created {created}, was not continued. The newer run {newer}, created {later}, has ended as "
    "Success. To continue the older run may undo what the newer one did.": (
        "没有继续发布流程 {run}（创建于 {created}）：更新的发布流程 {newer}（创建于 {later}）已以 Success 结束"
        "。继续较旧的发布流程，可能会撤销较新的发布流程所做的更改。"
    ),
    "Stage {stage} of run {run_id} was not executed ({said}), and the run went no further.": (
        "发布流程 {run_id} 的阶段 {stage} 没有执行（{said}），该发布流程没有再继续。"
    ),
    "Run {run_id} cannot be read ({said}), so its end is not known.": (
        "无法读取发布流程 {run_id}（{said}），因此不知道它的最终结果。"
    ),
    "The list of runs cannot be read ({said}), so it is not known whether run {run_id} is this job's only run. Its "
    "stages were not executed.": (
        "无法读取发布流程列表（{said}），因此不知道发布流程 {run_id} 是否是此作业唯一的发布流程。没有执行它的阶段。"
    ),
    "The run does not stop there: with run-mode: Auto the service continues to {stage}.": (
        "发布流程不会停在那里：run-mode: Auto 时服务会继续到 {stage}。"
    ),
    "The run was left open there, as until-stage asks.": "按 until-stage 的要求，发布流程在那里保持未结束状态。",
    "It was left open.": "它保持未结束状态。",
    "When the cause is fixed, continue the run with run-ids: {run_id}.": (
        "修复原因后，请用 run-ids: {run_id} 继续该发布流程。"
    ),
    "It may still be open.": "它可能仍未结束。",
    "run-ids: {run_id} is not a run of workspace {project_id}{answer}.": (
        "run-ids：{run_id} 不是工作空间 {project_id} 的发布流程{answer}。"
    ),
    "run-ids: run {run} is not of type {wanted}. {opposite} Nothing was done with it.": (
        "run-ids：发布流程 {run} 的类型不是 {wanted}。{opposite}没有对它进行任何操作。"
    ),
    "run-ids: {run_id} was not found among the runs of object {object_id}. Nothing was done with it.": (
        "run-ids：在对象 {object_id} 的发布流程中没有找到 {run_id}。没有对它进行任何操作。"
    ),
    "run-ids: {run_id} is a run of object {owner}, not of object {object_id}. Nothing was done with it.": (
        "run-ids：{run_id} 是对象 {owner} 的发布流程，不是对象 {object_id} 的。没有对它进行任何操作。"
    ),
    "Nothing was done with run {run_id}, because the runs of object {object_id} cannot be read ({said}).": (
        "没有对发布流程 {run_id} 进行任何操作，因为无法读取对象 {object_id} 的发布流程（{said}）。"
    ),
    "Production already has this version: run {run}, created {created}, deployed it, and nothing has "
    "changed since.": "生产环境与数据开发中的内容一致：已由发布流程 {run}（创建于 {created}）发布，之后没有变化。",
    "Would create a run that takes object {object_id} out of production.": (
        "正式运行时会创建一个发布流程，下线对象 {object_id}。"
    ),
    "Would follow somebody else's run {run} and create none, as on-active-run: adopt asks. None of its stages would be "
    "executed.": (
        "正式运行时会按 on-active-run: adopt 的要求跟踪他人的发布流程 {run}，不新建，也不执行它的任何阶段。"
    ),
    "Before that, on-active-run: supersede would abolish {runs}.": (
        "在此之前，会按 on-active-run: supersede 的要求终止 {runs}。"
    ),
    "Would create a run for object {object_id}.": "正式运行时会为对象 {object_id} 创建一个发布流程。",
    "Would only report run {run}: it has already ended, as {status}.": (
        "正式运行时只会报告发布流程 {run}：它已经以 {status} 结束。"
    ),
    "Would continue run {run}, which is {status}.": "正式运行时会继续发布流程 {run}，其状态为 {status}。",
    "Nothing was planned, because the object's runs cannot be read: {said}": (
        "没有计划任何操作，因为无法读取该对象的发布流程：{said}"
    ),
    "The request would be refused: nothing in workspace {project_id} has the ID {object_id} ({said}), "
    "and no run of it exists.": (
        "请求会被拒绝：工作空间 {project_id} 中没有 ID 为 {object_id} 的对象（{said}），也没有它的发布流程。"
    ),
    "The step was cancelled before it was clear whether run {run_id} must be continued: nothing was done "
    "with it.": ("在确定是否要继续发布流程 {run_id} 之前，步骤被取消：没有对它进行任何操作。"),
    "The deadline (timeout-minutes) passed before it was clear whether run {run_id} must be continued: nothing was "
    "done with it.": (
        "在确定是否要继续发布流程 {run_id} 之前，已到达时限（timeout-minutes）：没有对它进行任何操作。"
    ),
    "The step was cancelled before it created a run.": "步骤在创建发布流程之前被取消。",
    "The step was cancelled before it saw run {run_id} end.": "步骤在看到发布流程 {run_id} 结束之前被取消。",
    "An internal error ended the step before it created a run.": "步骤在创建发布流程之前因内部错误结束。",
    "An internal error ended the step before it saw run {run_id} end.": (
        "步骤在看到发布流程 {run_id} 结束之前因内部错误结束。"
    ),
    "The deadline (timeout-minutes) passed before this step created a run.": (
        "此步骤创建发布流程之前，已到达时限（timeout-minutes）。"
    ),
    "The deadline (timeout-minutes) passed before the step saw run {run_id} end.": (
        "步骤在看到发布流程 {run_id} 结束之前，已到达时限（timeout-minutes）。"
    ),
    "Stage {stage} of run {run_id} waits for {what}, and the deadline (timeout-minutes) passed.": (
        "发布流程 {run_id} 的阶段 {stage} 在等待{what}，且已到达时限（timeout-minutes）。"
    ),
    "The step was killed before it saw run {run_id} end. At the end of the job a post step abolishes the run, "
    "unless it has begun to change production by then.": (
        "步骤在看到发布流程 {run_id} 结束之前被强制结束。作业结束时，后置步骤会终止该发布流程，除非它届时已开始"
        "改变生产环境。"
    ),
    "The step was killed before it saw run {run_id} end. Look at it in DataWorks, or continue it with run-ids: "
    "{run_id}.": (
        "步骤在看到发布流程 {run_id} 结束之前被强制结束。请在 DataWorks 中查看，或用 run-ids: {run_id} 继续。"
    ),
    "One reading showed the run as {status}, and no second one has confirmed that.": (
        "有一次读取显示该发布流程为 {status}，但没有第二次读取确认这一点。"
    ),
    "This action does not know the status: {found}.": "此 Action 不认识该状态：{found}。",
    "Stage {stage} has ended as {status}, and the run is still {run_status}.": (
        "阶段 {stage} 已以 {status} 结束，而发布流程仍为 {run_status}。"
    ),
    "No clear answer came to the request to create a run. Run {run} was found by its mark, created by {creator}.": (
        "创建发布流程的请求没有收到明确的响应。已通过标记找到发布流程 {run}（创建者：{creator}）。"
    ),
    "If a run appears later whose description begins with {mark}, it is this job's own: abolish it.": (
        "如果之后出现描述以 {mark} 开头的发布流程，它属于此作业：请终止它。"
    ),
    "One request to create it had no clear answer. If a second run appears whose description begins with {mark}, "
    "keep one of them and abolish the other.": (
        "有一个创建请求没有收到明确的响应。如果出现第二个描述以 {mark} 开头的发布流程，请保留其中一个，终止另一个。"
    ),
    "An earlier attempt sent this request, and no run of it appeared within {seconds:.0f} s. So it was sent again. "
    "If a second run appears whose description begins with {mark}, keep one of them and abolish the other.": (
        "之前某次尝试发送过此请求，{seconds:.0f} 秒内没有出现它的发布流程，因此再次发送。如果出现第二个描述以 "
        "{mark} 开头的发布流程，请保留其中一个，终止另一个。"
    ),
    "Duplicate runs of this job: {run_ids}.": "此作业重复的发布流程：{run_ids}。",
    "Open runs of this repository that a new run was to replace: {run_ids}.": (
        "应由新的发布流程取代的本仓库未结束的发布流程：{run_ids}。"
    ),
    "Of these, not ended: {run_ids}{last}.": "其中没有结束的是：{run_ids}{last}。",
    "Earlier runs of this job: {run_ids}.": "此作业更早的发布流程：{run_ids}。",
    "Run {winner} is continued instead of {before}.": "继续发布流程 {winner}，而不是 {before}。",
    "Run {run_id} has ended, as {status}.": "发布流程 {run_id} 已以 {status} 结束。",
    "Stages of run {run_id} were executed, so it was left alone. Look at it in DataWorks.": (
        "发布流程 {run_id} 已有阶段被执行，因此没有处理它。请在 DataWorks 中查看。"
    ),
    "Run {run_id} was abolished.": "发布流程 {run_id} 已终止。",
    "Run {run_id} could not be abolished ({said}). Look at it in DataWorks.": (
        "无法终止发布流程 {run_id}（{said}）。请在 DataWorks 中查看。"
    ),
    "In Data Studio the node is {path}. The path may name its workflow.": (
        "在数据开发（Data Studio）中该节点是 {path}。路径中可能有它的工作流。"
    ),
    "Run {run} had ended by then, as {status}.": "发布流程 {run} 当时已以 {status} 结束。",
    "Run {run} has begun to change production, so it was not stopped. It goes on, unless a stage of it "
    "waits.": ("发布流程 {run} 已开始改变生产环境，因此没有终止它。它会继续，除非有阶段在等待。"),
    "Run {run} does not bear this job's mark, and was left alone.": "发布流程 {run} 没有此作业的标记，没有处理它。",
    "The step tried to abolish run {run} when it ended, and does not know whether that happened{last}.": (
        "步骤结束时尝试终止发布流程 {run}，但不知道是否成功{last}。"
    ),
    "The request to create a run was sent, and the step ended before the answer came.": (
        "已发送创建发布流程的请求，步骤在收到响应之前结束。"
    ),
    "It shows no description, so it may be this job's own.": "它不显示描述，因此可能是此作业自己的。",
    "It was left alone.": "没有处理它。",
    "RequestIds: {ids}.": "RequestId：{ids}。",
    "Run {run} has already passed stage {stage}.": "发布流程 {run} 已经通过阶段 {stage}。",
    "It was left open at {stage}.": "它在 {stage} 保持未结束状态。",
    "Afterwards continue it with run-ids: {run_id}.": "之后请用 run-ids: {run_id} 继续。",
    "The run was left open there, as on-approval asks.": "按 on-approval 的要求，发布流程在那里保持未结束状态。",
    "It shows no stages yet, so its type is not known.": "它还没有显示阶段，因此不知道它的类型。",
    "The request would be refused.": "请求会被拒绝。",
    "The node{where} is inside the workflow {workflow}.": "节点{where}在工作流 {workflow} 内部。",
    "It was left alone, and nothing was created.": "没有处理它，也没有创建任何发布流程。",
    "RequestIds: none, because the answer has none.": "RequestId：无，响应中没有。",
    "RequestIds: none, because no answer came.": "RequestId：无，没有收到响应。",
    "It was left as it is.": "它保持原样。",
    "Open on it now: {runs}.": "该对象上未结束的发布流程：{runs}。",
    "Last answer: {said}": "最后一次响应：{said}",
    "The service gives no reason.": "服务没有说明原因。",
    "stage {stage} is {status}": "阶段 {stage} 为 {status}",
    "the run is {status}": "发布流程为 {status}",
    # Causes and fixes, by outcome.
    "Re-run the job.": "请重新运行作业。",
    "Ask who and why, then re-run the job.": "请询问是谁、为什么，然后重新运行作业。",
    "Look for the run in DataWorks first. If it exists, continue it with run-ids.": (
        "请先在 DataWorks 中查找该发布流程。如果存在，请用 run-ids 继续。"
    ),
    "Look at that run in DataWorks before you try again.": "重试之前，请在 DataWorks 中查看该发布流程。",
    "If this job created it, continue it with run-ids.": "如果是此作业创建的，请用 run-ids 继续。",
    "To follow such a run next time, set on-active-run: adopt. To create a run although it is active, set "
    "on-active-run: ignore.": (
        "要在下次跟踪这样的发布流程，请设置 on-active-run: adopt；要与它同时进行，请设置 ignore。"
    ),
    "Open the run in DataWorks and approve the stage, or ask somebody who is allowed to.": (
        "请在 DataWorks 的发布流程详情中审批，或请有权限的人审批。"
    ),
    "If the stage waits for approval, approve it in DataWorks, in the details of the run.": (
        "如果该阶段在等待审批，请在 DataWorks 的发布流程详情中审批。"
    ),
    "See How to continue in the job summary.": "见作业摘要中的“如何继续”。",
    "See How to continue, below.": "见下文“如何继续”。",
    "Then re-run the job. If you must change an input, start a new workflow run instead: a re-run keeps the old "
    "inputs.": ("然后重新运行作业。如果必须修改输入，请改为启动新的工作流程运行：重新运行会沿用旧的输入。"),
    "The step ended before the answer to its request came, so nobody has looked for the run.": (
        "步骤在收到创建请求的响应之前结束，因此没有查找过它的发布流程。"
    ),
    "The answer to the request was lost, and nobody could look for the run.": (
        "创建请求的响应丢失，且无法查找它的发布流程。"
    ),
    "The stage takes longer than timeout-minutes, or it waits for approval in DataWorks.": (
        "该阶段用时超过 timeout-minutes，或在等待 DataWorks 中的审批。"
    ),
    "Somebody cancelled the run in DataWorks.": "有人在 DataWorks 中取消了该发布流程。",
    "A person, a newer workflow run or the job's time limit cancelled the job.": (
        "作业被取消：有人取消了它，或被同一工作流程较新的一次运行取代，或超过了作业的时间限制。"
    ),
    "Most likely the job was cancelled, the memory ran out, or the runner or its machine stopped.": (
        "很可能是作业被取消，或内存不足，或运行器或其所在的机器停止。"
    ),
    "Most likely the job that created the run abolished it when it was cancelled: the run bears this action's mark "
    "and never began to change production. Or somebody ended it in DataWorks.": (
        "很可能是创建该发布流程的作业在被取消时终止了它：它带有此 Action 的标记，且从未开始改变生产环境。也可能是有"
        "人在 DataWorks 中结束了它。"
    ),
    "A run that has ended cannot be continued. In a new workflow run leave run-ids out, and give object-ids.": (
        "已结束的发布流程无法继续。请在新的工作流程运行中去掉 run-ids，并填写 object-ids。"
    ),
    "A re-run begins with a new run.": "重新运行会创建新的发布流程。",
    "Re-run the job: it begins with a new run.": "请重新运行作业：它会创建新的发布流程。",
    "A node inside a workflow is deployed and undeployed only with it.": (
        "工作流内部的节点只能随工作流一起发布和下线。"
    ),
    "The ID is that of a node; the message names its workflow.": "该 ID 是节点的 ID；消息中有它的工作流。",
    "Give the workflow's ID in object-ids instead of its node's. With type: Offline, all nodes of the "
    "workflow leave production.": (
        "请在 object-ids 中填写工作流的 ID，而不是节点的 ID。type: Offline 时，该工作流的全部节点都会下线。"
    ),
    "The run has no stage of this code.": "该发布流程没有此代码的阶段。",
    "until-stage is mistyped, or names a stage of runs of another kind.": (
        "until-stage 有误，或是另一类发布流程的阶段。"
    ),
    "Correct until-stage or leave it out, and continue the run with run-ids.": (
        "请更正或去掉 until-stage，并用 run-ids 继续该发布流程。"
    ),
    "Correct until-stage or leave it out, in a new workflow run.": "请在新的工作流程运行中更正或去掉 until-stage。",
    "The run's end was not seen.": "没有看到发布流程结束。",
    "The run or a stage has a status that this action does not know; it waited for a known one.": (
        "此 Action 不认识发布流程或阶段的状态，因此一直在等待它认识的状态出现。"
    ),
    "Look at the run in DataWorks, continue it with run-ids if it goes on, and report the status.": (
        "请在 DataWorks 中查看该发布流程；如果它在继续，请用 run-ids 继续，并报告该状态。"
    ),
    "Report the status, and re-run the job: it begins with a new run.": (
        "请报告该状态，并重新运行作业：它会创建新的发布流程。"
    ),
    "A stage has failed, and the run has not ended.": "有阶段失败，而发布流程没有结束。",
    "The message says why the stage failed. The service leaves the run open.": (
        "消息说明了该阶段失败的原因。服务没有结束该发布流程。"
    ),
    "Fix what the message names, end the run in DataWorks, then re-run the job.": (
        "请修复消息中所说的问题，在 DataWorks 中结束该发布流程，然后重新运行作业。"
    ),
    "Fix what the message names, then re-run the job: it begins with a new run.": (
        "请修复消息中所说的问题，然后重新运行作业：它会创建新的发布流程。"
    ),
    "A stage waits to be executed.": "有阶段等待执行。",
    "The service, or the way to it, failed each time. This step tries three times at most to execute a stage.": (
        "服务或通往它的网络每次都失败。此步骤最多尝试三次执行一个阶段。"
    ),
    "Execute it in DataWorks, or continue the run with run-ids.": (
        "请在 DataWorks 中执行它，或用 run-ids 继续该发布流程。"
    ),
    "The run is not one of this workspace.": "该发布流程不属于此工作空间。",
    "Its ID is mistyped, or the run is another workspace's.": "它的 ID 有误，或它属于另一个工作空间。",
    "Check run-ids and project-id.": "请检查 run-ids 和 project-id。",
    "The run belongs to another of the objects.": "该发布流程属于另一个对象。",
    "run-ids and object-ids are not in the same order.": "run-ids 和 object-ids 的顺序不一致。",
    "Put both lists into the same order, or leave object-ids out to continue the runs by themselves.": (
        "请使两个列表顺序一致，或去掉 object-ids，只继续发布流程。"
    ),
    "The list of the object's runs does not show the run.": "该对象的发布流程列表没有显示此发布流程。",
    "run-ids and object-ids are not in the same order, or do not belong together; a list may also lag.": (
        "run-ids 和 object-ids 的顺序不一致，或不匹配；列表也可能有延迟。"
    ),
    "Correct them, or leave object-ids out to continue the runs by themselves.": (
        "请更正它们，或去掉 object-ids，只继续发布流程。"
    ),
    "The run does the opposite of what was asked for.": "该发布流程与要求的操作相反。",
    "A newer run has changed production since.": "此后已有更新的发布流程改变了生产环境。",
    "The run was left open, for example before an approval. Meanwhile another workflow run, or a person, has "
    "deployed or undeployed the object.": (
        "该发布流程一直未结束，例如在等待审批。在此期间，另一次工作流程运行或有人发布或下线了此对象。"
    ),
    "If production is right, end the older run in DataWorks. If you want what the older run does, execute it "
    "there. To deploy or undeploy the object as it is now, start a new workflow run.": (
        "如果生产环境是正确的，请在 DataWorks 中结束较旧的发布流程。如果需要较旧的发布流程所做的更改，请在 "
        "DataWorks 中执行它。要按现在的状态发布或下线此对象，请启动新的工作流程运行。"
    ),
    "To deploy or undeploy the object as it is now, start a new workflow run.": (
        "要按现在的状态发布或下线此对象，请启动新的工作流程运行。"
    ),
    "type is not the one that the run was created with.": "type 与创建该发布流程时的类型不同。",
    "If you want what this run does, change type. Otherwise leave it out of run-ids. If nobody wants it, end it "
    "in DataWorks.": (
        "如果需要此发布流程的操作，请修改 type；否则从 run-ids 中去掉它。如果没有人需要它，请在 DataWorks 中结"
        "束它。"
    ),
    "The service answered with the ID of somebody else's run.": "服务返回了他人发布流程的 ID。",
    "The service has made a mistake: the run is older than the request, or has another description.": (
        "服务出错：该发布流程早于请求，或描述不同。"
    ),
    "Look in DataWorks for a run of this job. If there is none, re-run the job. Report the RequestId to Alibaba "
    "Cloud.": (
        "请在 DataWorks 中查找此作业的发布流程。如果没有，请重新运行作业。请将 RequestId 报告给阿里云。"
    ),
    "Nothing was created, because an earlier attempt may already have done this.": (
        "没有创建任何发布流程，因为之前的某次尝试可能已经做过这件事。"
    ),
    "Runs show no descriptions here, and a re-run recognises its runs by their descriptions.": (
        "这里的发布流程不显示描述，而重新运行要通过描述识别发布流程。"
    ),
    "Look at the runs in the message. Continue this job's run with run-ids, or start a new workflow run.": (
        "请查看消息中的发布流程。请用 run-ids 继续此作业的发布流程，或启动新的工作流程运行。"
    ),
    "Another run is open on this object.": "此对象有另一个未结束的发布流程。",
    "Somebody has begun to deploy or undeploy the object, or has left a run open. on-active-run: fail "
    "creates nothing then.": (
        "有人已开始发布或下线该对象，或留下了未结束的发布流程。on-active-run: fail 时不会创建。"
    ),
    "Wait until that run has ended, or end it in DataWorks. Then re-run the job. To go on beside such runs, set "
    "on-active-run: warn. To end open runs of this repository, set on-active-run: supersede.": (
        "请等待该发布流程结束，或在 DataWorks 中结束它，然后重新运行作业。要与这类发布流程同时进行，请设置 "
        "on-active-run: warn。要终止本仓库未结束的发布流程，请设置 on-active-run: supersede。"
    ),
    "Nothing was created.": "没有创建任何发布流程。",
    "Earlier attempts of the job may have left open runs that were not looked for.": (
        "此作业之前的尝试可能留下了未结束的发布流程，没有查找它们。"
    ),
    "timeout-minutes passed before the first call could be sent, so nothing was created. Check that the job's "
    "machine reaches the endpoint, and sts.aliyuncs.com where the action assumes a role.": (
        "在能够发出第一次调用之前就超过了 timeout-minutes，因此没有创建任何发布流程。请检查作业所在的机器能否访"
        "问 endpoint；如果由此 Action 扮演角色，还要检查能否访问 sts.aliyuncs.com。"
    ),
    "The step was cancelled while the objects were looked up, so nothing was created.": (
        "步骤在查找对象时被取消，因此没有创建任何发布流程。"
    ),
    "timeout-minutes passed while the objects were looked up, so nothing was created. Set a longer "
    "timeout-minutes. IDs, and names with their kind in front (such as node:), need fewer calls.": (
        "查找对象时超过了 timeout-minutes，因此没有创建任何发布流程。请设置更长的 timeout-minutes。使用 ID，或"
        "在名称前加上类型（例如 node:），需要的调用更少。"
    ),
    "The runs of this object cannot be read, so nobody can tell whether another one is open.": (
        "无法读取此对象的发布流程，因此不知道是否有另一个未结束的发布流程。"
    ),
    "Allow dataworks:ListPipelineRuns in the RAM policy, or set on-active-run: ignore. Then re-run the job.": (
        "请在 RAM 权限策略中允许 dataworks:ListPipelineRuns，或设置 on-active-run: ignore，然后重新运行作业。"
    ),
    "An object that comes before this one did not succeed.": "排在此对象之前的对象没有成功。",
    "No object is started before those that come first have succeeded.": (
        "排在前面的对象成功之后，才会开始后面的对象。"
    ),
    "Fix what is wrong with that object. {go_on}": "请修复那个对象的问题。{go_on}",
    "An object that comes before this one waits for a person.": "排在此对象之前的对象在等待人工处理。",
    "on-approval: leave has left its run open, so nothing has changed in production for it yet.": (
        "on-approval: leave 使它的发布流程保持未结束状态，因此它在生产环境中还没有变化。"
    ),
    "Approve it in DataWorks and continue its run. Then give this object again. {go_on}": (
        "请在 DataWorks 中审批并继续它的发布流程，然后再次填写此对象。{go_on}"
    ),
    "The run's status is Success, read twice.": "发布流程的状态为 Success，已读取两次。",
    "A run was created and is open, as asked.": "已按要求创建发布流程，保持未结束状态。",
    "A dry run: nothing was created.": "试运行：没有创建任何发布流程。",
    "Nothing has changed since this repository deployed it.": "自本仓库发布它以来没有变化。",
    "Not started.": "未开始。",
    "Another object did not succeed (fail-fast), or the step ended before its turn.": (
        "另一个对象没有成功（fail-fast），或步骤在轮到它之前已结束。"
    ),
    "If another object failed, fix it first. {go_on}": "如果有其他对象失败，请先修复。{go_on}",
    "The run did not end in success.": "发布流程结束，但没有成功。",
    "A stage failed, or the run could not be continued.": "有阶段失败，或发布流程无法继续。",
    "Fix what the message names, then re-run the job. If the run is still open, you can continue it with "
    "run-ids.": ("请修复消息中所说的问题，然后重新运行作业。如果该发布流程仍未结束，可以用 run-ids 继续。"),
    "The run was terminated.": "发布流程被终止。",
    "Somebody ended it in DataWorks, or the service did.": "有人在 DataWorks 中结束了它，或服务结束了它。",
    "The work on this object was cancelled.": "对此对象的操作被取消。",
    "The job was cancelled, or somebody cancelled the run in DataWorks.": (
        "作业被取消，或有人在 DataWorks 中取消了该发布流程。"
    ),
    "If somebody cancelled the run in DataWorks, ask who and why, then re-run the job. {go_on}": (
        "如果有人在 DataWorks 中取消了该发布流程，请询问是谁、为什么，然后重新运行作业。{go_on}"
    ),
    "The run takes longer than timeout-minutes, or could not be read.": (
        "该发布流程用时超过 timeout-minutes，或无法读取。"
    ),
    "The run may still succeed. {go_on} For a run that takes long, set a longer timeout-minutes.": (
        "该发布流程仍可能成功。{go_on}如果发布流程用时较长，请增大 timeout-minutes。"
    ),
    "A stage waits for a person.": "有阶段在等待人工处理。",
    "It needs an approval, or something else in DataWorks that only a person can do.": (
        "它需要 DataWorks 中的审批，或其他只能由人在 DataWorks 中完成的操作。"
    ),
    "Open the run in DataWorks and approve the stage, or ask somebody who is allowed to. {go_on}": (
        "请在 DataWorks 的发布流程详情中审批，或请有权限的人审批。{go_on}"
    ),
    "The request to create a run was refused, so this attempt of the job has no run.": (
        "创建请求被拒绝，因此作业的这次尝试没有发布流程。"
    ),
    "The message is all that is known here.": "原因只能从消息中得知。",
    "Fix what the message names, then re-run the job. If it names nothing, {ask}": (
        "请修复消息中所说的问题，然后重新运行作业。如果消息没有说明，{ask}"
    ),
    "Another run is active on this object.": "此对象上有另一个正在进行的发布流程。",
    "Somebody else's run was open on the object, while an answer to this job was lost.": (
        "该对象上有他人未结束的发布流程，而此作业的一个请求没有收到响应。"
    ),
    "A run without a description was open on the object, while an answer to this job was lost. Nobody can tell "
    "whose it is.": (
        "该对象上有一个没有描述的未结束的发布流程，而此作业的一个请求没有收到响应。无法知道它属于谁。"
    ),
    "Look at that run in DataWorks before you try again. To follow such a run next time, set "
    "on-active-run: adopt. To create a run although it is active, set on-active-run: ignore.": (
        "重试之前，请在 DataWorks 中查看该发布流程。要在下次跟踪这样的发布流程，请设置 on-active-run: adopt；要"
        "与它同时进行，请设置 ignore。"
    ),
    "It is not known whether a run was created.": "不知道是否创建了发布流程。",
    "The answer to the request was lost, and its run was not seen.": "创建请求的响应丢失，且没有看到它的发布流程。",
    "Look for the run in DataWorks first. If it exists, continue it with run-ids. If it does not, re-run "
    "the job.": (
        "请先在 DataWorks 中查找该发布流程。如果存在，请用 run-ids 继续。如果不存在，请重新运行作业。"
    ),
    "Look for the run in DataWorks first. If it exists, continue it with run-ids. If it does not, start a new "
    "workflow run.": (
        "请先在 DataWorks 中查找该发布流程。如果存在，请用 run-ids 继续。如果不存在，请启动新的工作流程运行。"
    ),
    "The request to create a run was not sent, so there is no run.": "没有发送创建请求，因此没有发布流程。",
    "With advance: false this step executes no stage.": "advance: false 使此步骤不执行任何阶段。",
    "Execute it in DataWorks, or continue the run with run-ids and without advance: false.": (
        "请在 DataWorks 中执行它，或去掉 advance: false 并用 run-ids 继续该发布流程。"
    ),
    "A stage of somebody else's run waits to be executed.": "他人的发布流程有阶段等待执行。",
    "on-active-run: adopt follows such a run, and executes none of its stages.": (
        "on-active-run: adopt 会跟踪这样的发布流程，但不执行它的任何阶段。"
    ),
    "Ask those whose run it is, or execute it in DataWorks.": "请询问该发布流程的所有者，或在 DataWorks 中执行它。",
    "Continue it with run-ids, or in DataWorks.": "请用 run-ids 或在 DataWorks 中继续。",
    "Fix what the message names.": "请修复消息中所说的问题。",
    "Ask who ended it, and why.": "请询问是谁结束了它，以及原因。",
    "Stage {stage} failed. Its log in DataWorks may say more.": (
        "阶段 {stage} 失败。它在 DataWorks 中的日志可能有更多信息。"
    ),
    "Re-run the job. Later runs need a longer timeout-minutes.": "请重新运行作业。以后请增大 timeout-minutes。",
    "The step failed, and abolish-on names failure.": "步骤失败，且 abolish-on 包含 failure。",
    "Look at that run in DataWorks before you try again. To go on beside such a run next time, set "
    "on-active-run: ignore.": (
        "重试之前，请在 DataWorks 中查看该发布流程。要在下次与这样的发布流程同时进行，请设置 on-active-run: "
        "ignore。"
    ),
    "Fix what the message or the stage's log in DataWorks names, then re-run the job.": (
        "请修复消息或 DataWorks 中该阶段日志指出的问题，然后重新运行作业。"
    ),
    "Until then it waited for {because}.": "在那之前，它在等待{because}。",
    # Causes and fixes, by error.
    "the role's session has ended and could not be renewed: ": "角色会话已过期，且无法续期：",
    "STS refuses so many sessions at once": "同时向 STS 请求的会话过多，被 STS 拒绝",
    "OpenAPI Diagnose (api.alibabacloud.com/troubleshoot)": "OpenAPI 诊断中心（api.aliyun.com/troubleshoot）",
    "the endpoint's name does not resolve{host}": "接入点的域名无法解析{host}",
    "temporary failure in name resolution of the endpoint{host}": "接入点的域名解析暂时失败{host}",
    "the process cannot open more files or connections{host}": "进程无法再打开更多文件或连接{host}",
    "the container cannot start a thread": "容器无法启动线程",
    "the endpoint refuses the connection{host}": "接入点拒绝连接{host}",
    "the endpoint does not answer the connection{host}": "接入点对连接没有响应{host}",
    "the endpoint's certificate is not trusted{host}": "接入点的证书不受信任{host}",
    "the proxy's address cannot be used for the endpoint{host}": "代理地址无法用于访问接入点{host}",
    "the proxy refuses to connect to the endpoint{host}": "代理拒绝连接接入点{host}",
    "the proxy cannot be reached ({proxy}) for the endpoint{host}": "访问接入点时无法连上代理（{proxy}）{host}",
    "no answer in time": "未及时收到响应",
    "no answer within {detail} s": "{detail} 秒内未收到响应",
    "the answer is cut short": "响应不完整",
    "the connection was reset": "连接被重置",
    "the connection was closed without a whole answer": "连接在收到完整响应前被关闭",
    "TLS failed": "TLS 失败",
    "the call failed in an unexpected way ({detail})": "调用意外失败（{detail}）",
    "HTTP status {status} without the service's answer": "HTTP 状态码 {status}，且没有服务自身的响应",
    "the answer is not the JSON that was expected": "响应不是预期的 JSON",
    "the answer has HTTP status {status}, and is not a success and not an error": (
        "响应的 HTTP 状态码为 {status}，既不是成功也不是错误"
    ),
    "HTTP status {status}": "HTTP 状态码 {status}",
    "the answer has no run ID": "响应中没有发布流程 ID",
    "the answer does not say Success": "响应中没有 Success",
    "the answer is about another run": "响应是关于另一个发布流程的",
    "the answer has no list": "响应中没有列表",
    "the answer has no FlowSpec": "响应中没有 FlowSpec",
    "the answer holds a run without an ID or a status": "响应中有一个发布流程缺少 ID 或状态",
    "the answer holds a stage without a code or a step": "响应中有一个阶段缺少代码或步骤",
    "the list changed each time that it was read": "每次读取时列表都在变化",
    "the list of runs shows {detail} runs": "发布流程列表显示 {detail} 个发布流程",
    "the list has more than {detail} pages": "列表超过 {detail} 页",
    "what it answers does not hold what was asked for": "响应中没有所请求的内容",
    "it answers with HTTP status {detail}; the job needs permissions: id-token: write": (
        "它返回 HTTP 状态码 {detail}；作业需要 permissions: id-token: write"
    ),
    "it answers with HTTP status {detail}": "它返回 HTTP 状态码 {detail}",
    "what came is no ID token": "收到的不是 ID Token",
    "HTTP status {detail} without an answer to the question": "HTTP 状态码 {detail}，没有回答该请求",
    "the session has no usable key": "会话中没有可用的密钥",
    "the session has ended before it began; check this machine's clock": "会话在开始之前就已过期；请检查本机时钟",
    "STS gave no session for the role ({detail})": "STS 没有为该角色返回会话（{detail}）",
    "STS gave no session for the role within {detail} s": "STS 在 {detail} 秒内没有为该角色返回会话",
    "the role could not be assumed: STS gives no usable answer: ": "无法扮演角色：STS 没有给出可用的响应：",
    "the job's ID token could not be fetched from GitHub: ": "无法从 GitHub 获取作业的 ID Token：",
    "oidc-audience must be among the client IDs of the OIDC provider, and be the oidc:aud of the role's trust "
    "policy": "oidc-audience 必须在 OIDC 身份提供商的客户端 ID 中，并且是角色信任策略中的 oidc:aud",
    "the OIDC provider's issuer must be https://token.actions.githubusercontent.com": (
        "OIDC 身份提供商的颁发者必须是 https://token.actions.githubusercontent.com"
    ),
    "the OIDC provider's fingerprint in RAM is that of an older certificate of the issuer": (
        "RAM 中 OIDC 身份提供商的指纹是颁发者旧证书的指纹"
    ),
    "check the OIDC provider's limit on the token's age, and run again": (
        "请检查 OIDC 身份提供商对 Token 有效时间的限制，然后重新运行"
    ),
    "check oidc-provider-arn, and that the role's trust policy has exactly this job's oidc:sub; since July 2026 "
    "GitHub writes numeric IDs into that of a new repository": (
        "请检查 oidc-provider-arn，以及角色信任策略中的 oidc:sub 是否与此作业完全一致；自 2026 年 7 月起，GitHub 会"
        "在新仓库的 oidc:sub 中写入数字 ID"
    ),
    "check role-arn": "请检查 role-arn",
    "role-session-seconds must not be longer than the role's maximum session duration": (
        "role-session-seconds 不能大于角色的最大会话时间"
    ),
    "the role could not be assumed{asked}: {message}": "无法扮演角色{asked}：{message}",
    "The service is too busy for this call.": "服务太忙，无法处理此调用。",
    "Too many calls, by this step or by other clients of the account.": "此步骤或该账号的其他客户端调用过多。",
    "Re-run the job later.": "请稍后重新运行作业。",
    "look its RequestId {request_id} up in {diagnose}, or give it to Alibaba Cloud support.": (
        "请在 {diagnose} 中查询 RequestId {request_id}，或将它提供给阿里云支持。"
    ),
    "look one of their RequestIds up in {diagnose}, or give it to Alibaba Cloud support.": (
        "请在 {diagnose} 中查询其中一个 RequestId，或将它提供给阿里云支持。"
    ),
    "HTTP status {http_status}": "HTTP 状态码 {http_status}",
    " (RequestId {detail} of STS)": "（STS 的 RequestId 为 {detail}）",
    "The service does not find this object.": "服务找不到此对象。",
    "The ID arrived as a list in a list.": "收到的 ID 列表多嵌套了一层。",
    "Give plain IDs in object-ids, without brackets or quotes around one.": (
        "请在 object-ids 中只写 ID，不要给单个 ID 加方括号或引号。"
    ),
    "It is a node inside a workflow, or in another workspace, or it was deleted.": (
        "它是工作流内部的节点，或在另一个工作空间中，或已被删除。"
    ),
    "Give the workflow's ID instead of its node's; else check project-id, region and the ID.": (
        "请填写工作流的 ID，而不是其内部节点的 ID；如果它不是内部节点，请检查 project-id、region 和 ID。"
    ),
    "A workflow is deployed and undeployed only as a whole.": "工作流只能整体发布和下线。",
    "The ID is that of a node inside a workflow.": "该 ID 是工作流内部节点的 ID。",
    "Give the workflow's ID in object-ids.": "请在 object-ids 中填写工作流的 ID。",
    "The run is not running any more.": "发布流程已不在运行。",
    "Somebody, or the service, has ended it in the meantime. Its state was read again.": (
        "有人或服务已将它结束。此步骤重新读取了它的状态。"
    ),
    "Look at the run in DataWorks, then re-run the job.": "请在 DataWorks 中查看该发布流程，然后重新运行作业。",
    "The service does not let this stage be executed now.": "服务现在不允许执行此阶段。",
    "It waits for approval in DataWorks, which only a person can give.": (
        "它在等待 DataWorks 中的审批，审批只能由人完成。"
    ),
    "Approve it in DataWorks, in the run's details, then continue the run with run-ids.": (
        "请在 DataWorks 的发布流程详情中审批，然后用 run-ids 继续该发布流程。"
    ),
    "Re-run the job: it begins with a new run, which needs the approval as well.": (
        "请重新运行作业：它会创建新的发布流程，新的发布流程也需要审批。"
    ),
    "An output name is taken.": "输出名称已被占用。",
    "Two nodes of the workspace have the same output name.": "工作空间中有两个节点的输出名称相同。",
    "Rename the output of one of them in Data Studio, and save.": (
        "请在数据开发（Data Studio）中修改其中一个节点的输出名称并保存。"
    ),
    "The object cannot be taken out of production.": "该对象无法下线。",
    "Other objects (downstream) depend on it, in production or in development.": (
        "在生产环境或开发环境中，有其他对象（下游）依赖它。"
    ),
    "Find them in Operation Center, among the downstream nodes of this one. Undeploy them too: in a "
    "list with order: given, put them before this object. Or change their inputs in Data Studio and "
    "deploy them.": (
        "请在运维中心查看此节点的下游节点。请把它们也下线：使用 order: given 时，把它们列在此对象之前。或在数据"
        "开发中修改它们的依赖并重新发布。"
    ),
    "An upstream object is not in production.": "有上游对象不在生产环境中。",
    "What this object depends on was never deployed, or comes later in the order.": (
        "此对象依赖的对象从未发布，或排在它之后。"
    ),
    "Select the upstream objects too; in a list with order: given, put them before this object. Or set "
    "upstream: include. If runs of these are still open, continue those first.": (
        "请同时选择上游对象；如果列表使用 order: given，请把它们放在此对象前面。也可以设置 upstream: include。"
        "如果它们的发布流程仍未结束，请先继续那些发布流程。"
    ),
    "The workspace has no node with this ID.": "工作空间中没有此 ID 的节点。",
    "The ID is a scheduling task's (12 digits) or a workflow's, or the node is in another workspace or was "
    "deleted.": ("该 ID 是调度任务（12 位）或工作流的 ID，或节点在另一个工作空间中，或已被删除。"),
    "Open the object in Data Studio and copy its ID from Properties; check project-id and region.": (
        "请在数据开发（Data Studio）中打开对象，从属性中复制 ID；并检查 project-id 和 region。"
    ),
    "The service blocks the key for some minutes.": "服务在几分钟内限制此密钥的访问。",
    "Too many calls, by this step or by other clients of the account. This step slowed down and tried again.": (
        "此步骤或该账号的其他客户端调用过多。此步骤已放慢速度并重试。"
    ),
    "Wait some minutes, then re-run the job.": "请等待几分钟，然后重新运行作业。",
    "The container cannot start a thread, so nothing was sent.": "容器无法启动线程，因此没有发送任何请求。",
    "Docker is older than 20.10.10, or a limit on processes (--pids-limit, ulimit -u) is reached.": (
        "Docker 版本低于 20.10.10，或达到了进程数限制（--pids-limit、ulimit -u）。"
    ),
    "Update Docker on the runner, or raise the limit. Then re-run the job.": (
        "请更新运行器上的 Docker，或提高限制，然后重新运行作业。"
    ),
    "The step cannot open more files or connections.": "此步骤无法再打开更多文件或连接。",
    "A limit on open files (ulimit -n) is reached.": "达到了打开文件数的限制（ulimit -n）。",
    "Raise the limit, or use a smaller max-parallel. Then re-run the job.": (
        "请提高限制，或减小 max-parallel，然后重新运行作业。"
    ),
    "The endpoint's certificate is not trusted.": "接入点的证书不受信任。",
    "A proxy that inspects TLS, or another host under this name.": "有代理在检查 TLS，或该域名下是另一台主机。",
    "Name the proxy's authority in SSL_CERT_FILE: docs/credentials.md, Corporate networks.": (
        "请在 SSL_CERT_FILE 中指定代理的证书颁发机构：见 docs/credentials.md 的 Corporate networks。"
    ),
    "The proxy cannot be reached.": "无法连上代理。",
    "It is down, or HTTPS_PROXY or HTTP_PROXY names another host or port than its own.": (
        "代理已停止，或 HTTPS_PROXY、HTTP_PROXY 中的主机或端口不是代理的。"
    ),
    "Check the variable against the host and port in the message, or name the endpoint in NO_PROXY.": (
        "请对照消息中的主机和端口检查该变量，或在 NO_PROXY 中加入接入点。"
    ),
    "The proxy's address cannot be used.": "代理地址不可用。",
    "HTTPS_PROXY or HTTP_PROXY is not an http:// address, its port is none, or its login holds a character that "
    "ends a host.": (
        "HTTPS_PROXY 或 HTTP_PROXY 不是 http:// 地址，或端口无效，或登录信息中含有会截断主机名的字符。"
    ),
    "Write http://user:password@host:port, where user and password have %2F for /, %3F for ?, %23 for #. SOCKS is "
    "not supported.": (
        "请写成 http://user:password@host:port，其中 user 和 password 的 / 写作 %2F，? 写作 %3F，# 写作 %23。不支持"
        " SOCKS。"
    ),
    "The proxy does not connect to the endpoint.": "代理不连接该接入点。",
    "The proxy does not allow the host, or wants a login.": "代理不允许访问该主机，或要求登录。",
    "Allow the host there, or name it in NO_PROXY.": "请在代理中允许该主机，或在 NO_PROXY 中加入它。",
    "GitHub denies the job an ID token.": "GitHub 拒绝向此作业提供 ID Token。",
    "The job lacks the permission id-token: write, runs for a pull request from a fork, or has run for so long "
    "that GitHub's own token has expired.": (
        "作业缺少 id-token: write 权限，或由复刻仓库的拉取请求触发，或运行时间太长，GitHub 自己的 Token 已过期。"
    ),
    "Add it to the job's permissions, then start a new workflow run: a re-run keeps the old permissions.": (
        "请将它加入作业的 permissions，然后启动新的工作流程运行：重新运行会沿用旧权限。"
    ),
    "GitHub has not given the job an ID token.": "GitHub 没有向此作业提供 ID Token。",
    "A fault of GitHub, mostly a temporary one, or of a proxy in between.": (
        "GitHub 或中间的代理发生故障，大多是暂时的。"
    ),
    "Re-run the job. If it happens again, see githubstatus.com, and what stands between GitHub and the machine.": (
        "请重新运行作业。如果再次发生，请查看 githubstatus.com，以及 GitHub 与这台机器之间的网络。"
    ),
    "STS refuses so many requests at once.": "同时的请求过多，被 STS 拒绝。",
    "Other jobs and clients of the role's account ask STS for sessions too. It is not a limit of DataWorks.": (
        "该角色账号的其他作业和客户端也在向 STS 请求会话。这不是 DataWorks 的限制。"
    ),
    "Re-run the job at a quieter time.": "请在较空闲时重新运行作业。",
    "STS gave no session for the role.": "STS 没有为该角色返回会话。",
    "STS, or the way to it, is slow or down, or a proxy or gateway answered in its place.": (
        "STS 或通往它的网络缓慢或中断，或由代理、网关代替它作了响应。"
    ),
    "Re-run the job. If it happens again, check that the job's machine reaches sts.aliyuncs.com.": (
        "请重新运行作业。如果再次发生，请检查作业所在机器能否访问 sts.aliyuncs.com。"
    ),
    "No host has the endpoint's name.": "没有主机使用该接入点的域名。",
    "A typo in region or endpoint, or a machine whose DNS does not know the name.": (
        "region 或 endpoint 有拼写错误，或机器的 DNS 不认识该域名。"
    ),
    "Check region, such as cn-shanghai, and endpoint: the message ends with the host that was asked for.": (
        "请检查 region（例如 cn-shanghai）和 endpoint：消息末尾是所请求的主机。"
    ),
    "The endpoint's name could not be looked up.": "无法查询接入点的域名。",
    "A temporary failure: the DNS server of the job's machine does not answer.": (
        "暂时故障：作业所在机器的 DNS 服务器没有响应。"
    ),
    "Re-run the job. If it happens again, check the DNS of the job's machine.": (
        "请重新运行作业。如果再次发生，请检查作业所在机器的 DNS。"
    ),
    "The endpoint cannot be reached.": "无法访问接入点。",
    "A firewall, a VPC endpoint that is called from outside its VPC, or a wrong endpoint.": (
        "有防火墙，或从 VPC 外部访问了 VPC 接入点，或接入点错误。"
    ),
    "Check endpoint, and that the job's machine may reach it.": "请检查 endpoint，以及作业所在机器能否访问它。",
    "What answered was not the service.": "响应方不是 DataWorks 服务。",
    "A proxy or gateway answered in its place, or endpoint is another service's host.": (
        "由代理或网关代替它作了响应，或 endpoint 是另一个服务的主机。"
    ),
    "Check endpoint, and what stands between it and the job's machine.": (
        "请检查 endpoint，以及它与作业所在机器之间的网络。"
    ),
    "The day's API calls are used up.": "当天的 API 调用次数已用完。",
    "The account's DataWorks edition includes no more calls today; other clients of it count as well.": (
        "该账号的 DataWorks 版本当天包含的调用次数已用完；同一账号的其他客户端也计算在内。"
    ),
    "Wait for the next day, or use an edition with more; max-parallel lets objects share readings. {go_on}": (
        "请等到第二天，或使用调用次数更多的版本；增大 max-parallel 可以让多个对象共用读取。{go_on}"
    ),
    "The edition's API calls are used up.": "该版本的 API 调用次数已用完。",
    "The service refused every call for some time, so a slower pace does not help. Other clients of the account "
    "count as well.": ("服务在一段时间内拒绝了所有调用，放慢速度也没有用。同一账号的其他客户端也计算在内。"),
    "Look up the edition's quota. Raise it, or wait until it begins again. {go_on}": (
        "请查询该版本的配额。提高配额，或等到配额重新计算。{go_on}"
    ),
    "The service takes no more calls now.": "服务现在不再接受调用。",
    "Too many calls a second, or the day's calls are used up: the service does not tell which. This step slowed "
    "down and tried again.": (
        "每秒调用过多，或当天的调用次数已用完：服务没有说明是哪一种。此步骤已放慢速度并重试。"
    ),
    "Re-run the job at a quieter time, or the next day.": "请在较空闲时或第二天重新运行作业。",
    "The service refuses so many calls a second.": "每秒调用过多，被服务拒绝。",
    "This step slowed down and tried again; other clients of the same account count as well.": (
        "此步骤已放慢速度并重试；同一账号的其他客户端也计算在内。"
    ),
    "Re-run the job at a quieter time, or with a smaller max-parallel.": (
        "请在较空闲时重新运行作业，或减小 max-parallel。"
    ),
    "DataWorks is not activated.": "DataWorks 未开通。",
    "The key's account has no DataWorks in this region, or it is another account's key.": (
        "密钥所属账号在此地域没有开通 DataWorks，或这是另一个账号的密钥。"
    ),
    "Check region, and whose key it is; else activate DataWorks in the console.": (
        "请检查 region 以及密钥属于哪个账号；如果都正确，请在控制台开通 DataWorks。"
    ),
    "The key is not allowed to make this call.": "此密钥不能进行此调用。",
    "Its RAM policy does not allow the call, or its user is not a member of the workspace.": (
        "RAM 权限策略不允许此调用，或用户不是工作空间成员。"
    ),
    "Attach the policy of docs/credentials.md, and add the user to the workspace as O&M or Deploy.": (
        "请授予 docs/credentials.md 中的 RAM 权限策略，并将用户添加为工作空间成员，授予运维或部署角色。"
    ),
    "The RAM policy of its user or role does not allow it.": "用户或角色的 RAM 权限策略不允许此调用。",
    "Attach the RAM policy of docs/credentials.md.": "请为用户或角色授予 docs/credentials.md 中的 RAM 权限策略。",
    "The user or role is not allowed to do this in the workspace.": "用户或角色不能在该工作空间中执行此操作。",
    "It is not a member of the workspace, or has only the role Development, which cannot deploy or undeploy.": (
        "不是此工作空间的成员，或只有开发角色，而开发角色不能发布和下线。"
    ),
    "Add it to the workspace with the role O&M or Deploy.": "请将该用户添加为工作空间成员，并授予运维或部署角色。",
    "The service denies access.": "服务拒绝访问。",
    "The workspace's edition does not include this call, or the user's role does not allow it.": (
        "工作空间的版本不包含此调用，或用户的角色不允许。"
    ),
    "Check the edition, and give the user the workspace's role O&M or Deploy.": (
        "请检查版本，并授予用户工作空间的运维或部署角色。"
    ),
    "The service does not know the key's user in this workspace.": "服务在该工作空间中找不到密钥的用户。",
    "The user or role is not a member of the workspace, or project-id is another workspace's.": (
        "用户或角色不是工作空间成员，或 project-id 是另一个工作空间的。"
    ),
    "Add it to the workspace with the role O&M or Deploy, and check project-id.": (
        "请将其添加为工作空间成员，授予运维或部署角色，并检查 project-id。"
    ),
    "The service does not accept the workspace or the ID.": "服务不接受该工作空间或 ID。",
    "project-id is not a workspace of this region, or an ID is not one of this workspace.": (
        "project-id 不是此地域的工作空间，或某个 ID 不属于该工作空间。"
    ),
    "Check project-id, region and IDs. If they are right, {ask}": (
        "请检查 project-id、region 和 ID。如果都正确，{ask}"
    ),
    "The region does not serve this workspace.": "该地域没有此工作空间。",
    "The workspace is in another region.": "工作空间在另一个地域。",
    "Check region: the console shows it beside the workspace.": "请检查 region：控制台会在工作空间旁显示地域。",
    "There is no such access key.": "没有此 AccessKey。",
    "It was deleted or disabled, or the ID is mistyped.": "它已被删除或禁用，或 ID 有误。",
    "Check access-key-id, and the secret that it comes from.": "请检查 access-key-id 以及它所来自的机密。",
    "The signature is wrong.": "签名错误。",
    "The access key secret does not belong to this access key ID, or was cut when it was copied.": (
        "AccessKey Secret 与此 AccessKey ID 不匹配，或复制时不完整。"
    ),
    "Copy the access key ID and the access key secret into the repository's secrets again: the pair does not "
    "match.": "请将 AccessKey ID 和 AccessKey Secret 重新复制到仓库的机密中：两者不匹配。",
    "The STS token is not accepted.": "STS Token 不被接受。",
    "It has expired, or does not belong to the key.": "它已过期，或与密钥不匹配。",
    "Get a new token right before this step, or let the action assume the role itself (role-arn), which "
    "renews it.": ("请在此步骤之前获取新的 Token，或让此 Action 自己扮演角色（role-arn），它会自动续期。"),
    "The request's date is too far from the service's.": "请求时间与服务时间相差太大。",
    "The clock of the job's machine is wrong, or the request was delayed by 15 minutes or more.": (
        "作业所在机器的时钟不准，或请求延迟了 15 分钟以上。"
    ),
    "Set the machine's clock, then re-run the job.": "请校准机器时钟，然后重新运行作业。",
    "The gateway has already received this request.": "网关已经收到过这个请求。",
    "An earlier attempt of this job has sent it, and may have been refused; or the network delivered it twice, or "
    "its answer was lost. It is not carried out again.": (
        "此作业之前的某次尝试已发送过它，可能被拒绝；或网络重复投递，或响应丢失。它不会再次执行。"
    ),
    "Look for the run in DataWorks before you try again.": "重试之前，请在 DataWorks 中查找该发布流程。",
    "STS does not accept the audience of the job's ID token.": "STS 不接受作业 ID Token 的受众。",
    "The OIDC provider in RAM does not list it.": "RAM 中的 OIDC 身份提供商没有列出该受众。",
    "Add the audience to the provider's client IDs, or set oidc-audience.": (
        "请将该受众加入提供商的客户端 ID，或设置 oidc-audience。"
    ),
    "STS does not accept the issuer of the job's ID token.": "STS 不接受作业 ID Token 的颁发者。",
    "The OIDC provider in RAM has another issuer than this GitHub.": "RAM 中 OIDC 身份提供商的颁发者不是此 GitHub。",
    "Make its issuer https://token.actions.githubusercontent.com, or that of your GitHub server.": (
        "请将颁发者设为 https://token.actions.githubusercontent.com，或您的 GitHub 服务器的地址。"
    ),
    "STS does not trust the certificate of GitHub's issuer.": "STS 不信任 GitHub 颁发者的证书。",
    "GitHub has renewed it, and the OIDC provider in RAM has the fingerprint of the old one.": (
        "GitHub 已更换证书，而 RAM 中的 OIDC 身份提供商仍是旧证书的指纹。"
    ),
    "Fetch the fingerprint again in the provider's settings in the RAM console, then re-run the job.": (
        "请在 RAM 控制台的提供商设置中重新获取指纹，然后重新运行作业。"
    ),
    "The role does not trust this job.": "该角色不信任此作业。",
    "Its trust policy has another repository, branch or environment, or oidc-provider-arn is wrong.": (
        "信任策略中是另一个仓库、分支或环境，或 oidc-provider-arn 有误。"
    ),
    "Compare the policy's oidc:sub with this job's: docs/credentials.md.": (
        "请对照此作业检查策略中的 oidc:sub：见 docs/credentials.md。"
    ),
    "STS does not accept the job's ID token.": "STS 不接受作业的 ID Token。",
    "It has expired, or the OIDC provider in RAM is not the one for this GitHub.": (
        "它已过期，或 RAM 中的 OIDC 身份提供商不是此 GitHub 的。"
    ),
    "Check oidc-provider-arn, then re-run the job.": "请检查 oidc-provider-arn，然后重新运行作业。",
    "There is no such role.": "没有此角色。",
    "role-arn is mistyped, or the role was deleted.": "role-arn 有误，或角色已被删除。",
    "Copy role-arn from the RAM console.": "请从 RAM 控制台复制 role-arn。",
    "The service does not know what was asked for.": "服务找不到所请求的内容。",
    "The workspace or the run does not exist in this region, or not for this key.": (
        "工作空间或发布流程在此地域不存在，或对此密钥不可见。"
    ),
    "Check project-id, region, and run-ids where they are given.": (
        "请检查 project-id、region，以及所填写的 run-ids。"
    ),
    "The service does not accept the size of a page.": "服务不接受每页条数。",
    "This action asks for pages of a size that the service took before. It is no fault of the inputs.": (
        "此 Action 请求的每页条数是服务以前接受的。这不是输入的错误。"
    ),
    "Report it as a bug of this action, with the RequestId.": "请将此问题连同 RequestId 报告为此 Action 的缺陷。",
    "The service does not accept a parameter.": "服务不接受某个参数。",
    "An input has a value that it does not take; its message names the parameter.": (
        "某个输入的值不被接受；消息中有参数名。"
    ),
    "Check the input of that name. If it looks right, {ask}": "请检查同名的输入。如果看起来正确，{ask}",
    "This endpoint does not have the API of the new Data Studio.": (
        "此接入点没有新版数据开发（Data Studio）的 API。"
    ),
    "The endpoint is another service's, or the region has an old version.": (
        "接入点是另一个服务的，或该地域是旧版本。"
    ),
    "Check region and endpoint; the workspace must be on the new Data Studio.": (
        "请检查 region 和 endpoint；工作空间必须使用新版数据开发（Data Studio）。"
    ),
    "The service had an internal error.": "服务发生内部错误。",
    "A fault of Alibaba Cloud, mostly a temporary one.": "阿里云发生故障，大多是暂时的。",
    "Re-run the job in a while. If it happens again, {ask}": "请稍后重新运行作业。如果再次发生，{ask}",
    "STS gives no session of the role.": "STS 不返回该角色的会话。",
    "Its message is all that is known here.": "原因只能从服务返回的消息中得知。",
    "Compare role and OIDC provider with docs/credentials.md. If they look right, re-run the job.": (
        "请对照 docs/credentials.md 检查角色和 OIDC 身份提供商。如果看起来正确，请重新运行作业。"
    ),
    "The service denies the call.": "服务拒绝此调用。",
    "Key, RAM policy, or the user's role in the workspace.": "密钥、RAM 权限策略，或用户在工作空间中的角色。",
    "Compare them with docs/credentials.md. If they look right, {ask}": (
        "请对照 docs/credentials.md 检查。如果看起来正确，{ask}"
    ),
    "A workspace, object or run that does not exist in this region, or not for this key.": (
        "工作空间、对象或发布流程在此地域不存在，或对此密钥不可见。"
    ),
    "Check project-id, region and IDs. If they look right, {ask}": (
        "请检查 project-id、region 和 ID。如果看起来正确，{ask}"
    ),
    "The service refuses the call for a reason of its own.": "服务因自身的原因拒绝此调用。",
    "Fix what the message names. If it names nothing, {ask}": "请修复消息中所说的问题。如果消息没有说明，{ask}",
    "The service failed.": "服务出错。",
    "A fault of Alibaba Cloud, or of a gateway in between.": "阿里云或中间的网关发生故障。",
    "ask Alibaba Cloud support.": "请联系阿里云支持。",
    "its host": "它的主机",
    # Lines of the log.
    "Approve it there, in the run's details.": "请在那里的发布流程详情中审批。",
    "Approve or execute it in DataWorks, in the run's details.": "请在 DataWorks 的发布流程详情中审批或执行它。",
    "still running: {objects}; {calls} so far": "仍在运行：{objects}；目前 {calls}",
    "{kind}: {said}{status}, RequestId {request_id}": "{kind}：{said}{status}，RequestId {request_id}",
    "{object} waits for a person": "{object} 等待人工处理",
    "{object} ({count} readings failed)": "{object}（{count} 次读取失败）",
    "is read first": "先读取",
    "is being created": "正在创建",
    "ok, RequestId {request_id}": "成功，RequestId {request_id}",
    "refused as {kind}": "被拒绝（{kind}）",
    "refused for now ({said}), trying again in {seconds:.0f} s": (
        "暂时被拒绝（{said}），{seconds:.0f} 秒后重试"
    ),
    "could not be sent ({said}), trying again in {seconds:.0f} s": (
        "无法发送（{said}），{seconds:.0f} 秒后重试"
    ),
    "the request to create a run has no clear answer ({said}), looking for its run": (
        "创建发布流程的请求没有收到明确的响应（{said}），正在查找它的发布流程"
    ),
    "no run found, sending the same request again under the same nonce": (
        "没有找到发布流程，用同一个 nonce 再次发送相同的请求"
    ),
    "created run {run_id} (RequestId {request_id})": "已创建发布流程 {run_id}（RequestId {request_id}）",
    "found: run {run}, created by {creator}, bears this job's mark": (
        "找到：{creator} 创建的发布流程 {run} 带有此作业的标记"
    ),
    "following run {run} of {creator} instead": "改为跟踪发布流程 {run}（创建者：{creator}）",
    "following run {run_id}, which this job created before": "跟踪此作业之前创建的发布流程 {run_id}",
    "run {run} of an earlier attempt has ended as {status}, most likely because this job abolished it: creating a "
    "new run": "之前某次尝试的发布流程 {run} 已以 {status} 结束，很可能是此作业终止的：正在创建新的发布流程",
    "run {run} of an earlier attempt has ended as {status}: creating a new run": (
        "之前某次尝试的发布流程 {run} 已以 {status} 结束：正在创建新的发布流程"
    ),
    "following run {run_id} of an earlier attempt, which the list shows only now": (
        "跟踪之前某次尝试的发布流程 {run_id}，列表现在才显示它"
    ),
    "an earlier attempt of this job has already sent this request: looking for its run for {seconds:.0f} s": (
        "此作业之前的某次尝试已发送过此请求：用 {seconds:.0f} 秒查找它的发布流程"
    ),
    "that request created no run: sending it again under another nonce": (
        "那个请求没有创建发布流程：用另一个 nonce 再次发送"
    ),
    "run {run_id} shows no description, so this job's runs cannot be recognised by their marks. If an "
    "answer is lost from now on, the object ends as unknown. A re-run of this job cannot tell what is "
    "done. Continue runs with run-ids instead, or start a new workflow run.": (
        "发布流程 {run_id} 不显示描述，因此无法通过标记识别此作业的发布流程。从现在起如果丢失响应，对象会以“未"
        "知”结束。重新运行此作业时无法知道哪些已完成。请改用 run-ids 继续发布流程，或启动新的工作流程运行。"
    ),
    "whether other runs of this object are open cannot be read ({said}). The step goes on.": (
        "无法确认此对象是否有其他未结束的发布流程（{said}）。步骤会继续。"
    ),
    "Allow dataworks:ListPipelineRuns in the RAM policy, or set on-active-run: ignore.": (
        "请在 RAM 权限策略中允许 dataworks:ListPipelineRuns，或设置 on-active-run: ignore。"
    ),
    "other open runs of this object, left alone. What they do, they may still do: {runs}": (
        "此对象还有其他未结束的发布流程，没有处理它们，它们仍可能继续执行：{runs}"
    ),
    "open runs of this job's earlier attempts: {others}. A new run replaces them.": (
        "此作业之前尝试的未结束的发布流程：{others}。由新的发布流程取代它们。"
    ),
    "{count} runs bear this job's mark: keeping {kept}, and not {others}": (
        "{count} 个发布流程带有此作业的标记：保留 {kept}，不保留 {others}"
    ),
    "the list of runs does not show run {run_id}": "发布流程列表没有显示发布流程 {run_id}",
    "executing {stage}": "正在执行 {stage}",
    "{stage} was not executed ({said})": "{stage} 没有执行（{said}）",
    "{stage} may not have been executed ({said})": "{stage} 可能没有执行（{said}）",
    "run {shown} ({seconds:.0f} s)": "发布流程 {shown}（{seconds:.0f} 秒）",
    "stage {stage} ({type} {status}) of run {run_id} waits for {what}.": (
        "发布流程 {run_id} 的阶段 {stage}（{type} {status}）在等待{what}。"
    ),
    "stage {stage} of run {run_id} has not started for {seconds:.0f} s, although all stages before it are done. "
    "Look at the run in DataWorks.": (
        "发布流程 {run_id} 的阶段 {stage} 已 {seconds:.0f} 秒没有开始，而它之前的所有阶段都已完成。请在 DataWorks "
        "中查看该发布流程。"
    ),
    "run {run_id} shows no stages yet, so its type is not known: reading again": (
        "发布流程 {run_id} 还没有显示阶段，因此不知道它的类型：再次读取"
    ),
    "run {run_id} is not among the runs of object {object_id} yet, looking again for {seconds:.0f} s": (
        "发布流程 {run_id} 还不在对象 {object_id} 的发布流程中，再查找 {seconds:.0f} 秒"
    ),
    "abolished run {run_id}": "已终止发布流程 {run_id}",
    "run {run_id} has begun to change production, so it is not stopped": (
        "发布流程 {run_id} 已开始改变生产环境，因此没有终止它"
    ),
    "run {run_id} has ended, as {status}": "发布流程 {run_id} 已以 {status} 结束",
    "run {run} of {creator} does not bear this job's mark, and is left alone. Look in DataWorks for a run with "
    "{mark} at the start of its description.": (
        "{creator} 的发布流程 {run} 没有此作业的标记，没有处理它。请在 DataWorks 中查找描述以 {mark} 开头的发布"
        "流程。"
    ),
    "run {run_id} began to change production while it was being abolished. Look at it in DataWorks.": (
        "发布流程 {run_id} 在被终止时开始改变生产环境。请在 DataWorks 中查看。"
    ),
    "run {run_id} could not be abolished{said}. Look at it in DataWorks.": (
        "无法终止发布流程 {run_id}{said}。请在 DataWorks 中查看。"
    ),
    "reading {what} failed ({said}), trying again": "读取{what}失败（{said}），正在重试",
    "reading {what} failed {count} times in a row ({said}), trying again": (
        "读取{what}连续失败 {count} 次（{said}），正在重试"
    ),
    "run {run_id} was not read, trying again in {seconds:.1f} s": (
        "没有读取发布流程 {run_id}，{seconds:.1f} 秒后重试"
    ),
    "not all runs were read, trying again in {seconds:.1f} s": "没有读取全部发布流程，{seconds:.1f} 秒后重试",
    "call {number}, {what}: {how} ({milliseconds:.0f} ms)": (
        "第 {number} 次调用，{what}：{how}（{milliseconds:.0f} 毫秒）"
    ),
    "{name} of object {object_id} under nonce {nonce}": "{name}，对象 {object_id}，nonce {nonce}",
    "{name} of object {object_id}, page {page}": "{name}，对象 {object_id}，第 {page} 页",
    "{name} of the workspace, page {page}": "{name}，工作空间，第 {page} 页",
    "{name} of names with {part}, page {page}": "{name}，名称含 {part}，第 {page} 页",
    "{name}, page {page}": "{name}，第 {page} 页",
    "{name} {stage} of run {run_id}": "{name}，发布流程 {run_id} 的 {stage}",
    "run {run_id}": "发布流程 {run_id}",
    "the list of runs": "发布流程列表",
    "given up": "已放弃",
    "{count} executions did not start it.": "{count} 次执行都没有使它开始。",
    "a person, because its type is not known here": "人工处理，因为不认识它的类型",
    # What is wrong with the inputs.
    "If it may be empty, set allow-empty: true.": "如果允许为空，请设置 allow-empty: true。",
    "object-ids: no object is given. Give object-ids, objects or objects-file, or run-ids to continue "
    "existing runs. An expression that finds nothing arrives empty: check its spelling. If the list "
    "may be empty, set allow-empty: true.": (
        "object-ids：没有填写任何对象。请填写 object-ids、objects 或 objects-file，或用 run-ids "
        "继续已有的发布流程。找不到值的表达式会变成空值：请检查拼写。如果列表可以为空，请设置 allow-empty: true。"
    ),
    "GITHUB_OUTPUT: is not set, so this step could not even say which runs it creates. The runner sets it: leave "
    "it as it is, and pass it on where a script or a container starts the action.": (
        "GITHUB_OUTPUT：未设置，此步骤甚至无法说明它创建了哪些发布流程。它由运行器设置：请保持原样；如果由脚本或容"
        "器启动此 Action，请将它传入。"
    ),
    "project-id: is required. It is the number that DataWorks shows under Workspace Details, not the workspace's "
    "name.": (
        "project-id：必须填写。它是 DataWorks 工作空间配置页面中的工作空间 ID（一个数字），不是工作空间名称。"
    ),
    "region: is required (or endpoint). It is the workspace's, such as cn-shanghai.": (
        "region：必须填写（或填写 endpoint）。它是工作空间所在的地域，例如 cn-shanghai。"
    ),
    "access-key-id: no credentials. Set role-arn and oidc-provider-arn, or access-key-id and access-key-secret "
    "from secrets, or run an action before this one that exports ALIBABA_CLOUD_ACCESS_KEY_ID and its companions. A "
    "secret that does not exist arrives empty. So does each secret in a pull request from a fork, and in a run "
    "that Dependabot starts: that sees Dependabot secrets only.": (
        "access-key-id：没有凭据。请设置 role-arn 和 oidc-provider-arn，或从机密中设置 access-key-id 和 "
        "access-key-secret，或在此步骤之前运行一个会导出 ALIBABA_CLOUD_ACCESS_KEY_ID 等变量的 Action。不存在的机密"
        "会变成空值。来自复刻仓库的拉取请求以及由 Dependabot 启动的运行，其机密也是空值：后者只能看到 Dependabot 机"
        "密。"
    ),
    "access-key-id: is given beside role-arn. Give an access key or a role, not both.": (
        "access-key-id：不能与 role-arn 同时填写。请只填写 AccessKey 或角色之一。"
    ),
    "role-arn: is not the ARN of a RAM role, such as acs:ram::1234567890123456:role/deployer.": (
        "role-arn：不是 RAM 角色的 ARN。正确的写法例如 acs:ram::1234567890123456:role/deployer。"
    ),
    "oidc-provider-arn: is not the ARN of an OIDC provider, such as "
    "acs:ram::1234567890123456:oidc-provider/github.": (
        "oidc-provider-arn：不是 OIDC 身份提供商的 ARN。正确的写法例如 "
        "acs:ram::1234567890123456:oidc-provider/github。"
    ),
    "role-session-name: must have 2 to 64 characters of A-Z, a-z, 0-9, _, ., @ and -.": (
        "role-session-name：必须有 2 到 64 个字符，可用 A-Z、a-z、0-9、_、.、@ 和 -。"
    ),
    "role-arn: the job has no identity to assume the role with. Add `permissions: id-token: write` to the job; a "
    "pull request from a fork never gets one.": (
        "role-arn：作业没有可用来扮演角色的身份。请在作业中加入 `permissions: id-token: write`；来自复刻仓库的拉取"
        "请求永远没有身份。"
    ),
    "role-arn: ACTIONS_ID_TOKEN_REQUEST_URL is not GitHub's, which begins with https://.": (
        "role-arn：ACTIONS_ID_TOKEN_REQUEST_URL 不是 GitHub 的地址，GitHub 的地址以 https:// 开头。"
    ),
    "until-stage: means nothing with wait: false, which does not follow the runs. Leave one of them out.": (
        "until-stage：与 wait: false 同时使用没有意义，因为它不跟踪发布流程。请去掉其中一个。"
    ),
    "run-ids: with wait: false there is nothing to do, because runs are not created and not followed.": (
        "run-ids：wait: false 时没有可做的事，因为既不创建也不跟踪发布流程。"
    ),
    "auto-run-until-stage: works with run-mode: Auto only. Set it, or use until-stage instead.": (
        "auto-run-until-stage：只能与 run-mode: Auto 一起使用。请设置 run-mode: Auto，或改用 until-stage。"
    ),
    (
        "run-ids: cannot stand beside objects or objects-file, because names cannot be paired with runs. "
        "Leave those out. In their place you may give object-ids: one ID for each run, in the same order."
    ): (
        "run-ids：不能与 objects 或 objects-file 同时填写，因为名称无法与发布流程配对。请去掉它们；可以改填 "
        "object-ids：按相同顺序，每个发布流程一个 ID。"
    ),
    "run-mode: is decided when a run is created, and cannot be changed for those of run-ids.": (
        "run-mode：在创建发布流程时决定，不能用于 run-ids 中的发布流程。"
    ),
    "upstream: fail and include need the readings that preflight: false leaves out. Leave one of them out.": (
        "upstream：fail 和 include 需要读取对象，而 preflight: false 不读取。请去掉其中一个。"
    ),
    "upstream: include adds objects, and with order: given they have no place. Use order: dependencies, or list "
    "those objects yourself.": (
        "upstream：include 会增加对象，而 order: given 时它们没有位置。请使用 order: dependencies，或自己列出那些对"
        "象。"
    ),
    "upstream: include would take objects out of production that nobody has named. With type: Offline "
    "leave out upstream, and name each object.": (
        "upstream：include 会下线没有人指定的对象。type: Offline 时请去掉 upstream，并逐个指定对象。"
    ),
    "only-changed says which objects to deploy again, and type: Offline takes objects out of production. Leave out "
    "only-changed.": (
        "only-changed 决定重新发布哪些对象，而 type: Offline 是下线对象。请去掉 only-changed。"
    ),
    "{name}: the list is empty. Give at least one ID.": "{name}：列表为空。请至少填写一个 ID。",
    "{name}: the list is empty: it has comments only. Give at least one ID.": (
        "{name}：列表为空，只有注释。请至少填写一个 ID。"
    ),
    '{name}: begins like JSON, but is not a JSON array. Write the IDs one on a line, or as ["123", "456"].': (
        '{name}：开头像 JSON，但不是 JSON 数组。请每行写一个 ID，或写成 ["123", "456"]。'
    ),
    '{name}: a JSON value here must be one flat array, such as ["123", "456"].': (
        '{name}：这里的 JSON 值必须是一个一维数组，例如 ["123", "456"]。'
    ),
    "{name}: {given} cannot be read, because GITHUB_WORKSPACE is not set. The runner sets it: leave it as it is, "
    "and pass it on where a script or a container starts the action.": (
        "{name}：无法读取 {given}，因为没有设置 GITHUB_WORKSPACE。它由运行器设置：请保持原样；如果由脚本或容器启动"
        "此 Action，请将它传入。"
    ),
    "{name}: {given} is not in the working directory. Mostly the job has not checked out the repository: run "
    "actions/checkout before this step. Otherwise check the path: it begins in the repository's top folder, and "
    "upper and lower case differ.": (
        "{name}：{given} 不在工作目录中。大多是因为作业没有检出仓库：请在此步骤之前运行 actions/checkout。如果"
        "已经检出，请检查路径：它从仓库的顶层目录开始，并区分大小写。"
    ),
    "{name}: {given} lies outside the working directory. Write the path as it is in the repository, such as "
    "deploy/objects.txt: without / in front, without .. and without github.workspace, which names another folder "
    "than the action's container has.": (
        "{name}：{given} 在工作目录之外。请按仓库中的路径填写，例如 deploy/objects.txt：开头不要有 /，不要有 ..，也"
        "不要用 github.workspace，它指的不是此 Action 容器中的目录。"
    ),
    "{name}: {given} is a link that leads out of the working directory, or lies behind one. Put the file itself "
    "into the working directory.": (
        "{name}：{given} 是指向工作目录之外的链接，或位于这样的链接之后。请将文件本身放入工作目录。"
    ),
    "{name}: {given} is a folder. Give the path of one file in it.": (
        "{name}：{given} 是目录。请填写其中一个文件的路径。"
    ),
    "{name}: {given} is the file of objects-file, and the report would replace it. Give another path.": (
        "{name}：{given} 就是 objects-file 的文件，报告会覆盖它。请改用其他路径。"
    ),
    "{name}: {given} is a pipe, a socket or a device. Write the lines to an ordinary file in a step before this "
    "one.": ("{name}：{given} 是管道、套接字或设备。请在此步骤之前将各行写入普通文件。"),
    "{name}: {given} is too large: at most {most:,} bytes are read. A list has one object or pattern a line, so "
    "this may be another file. Patterns make a list shorter.": (
        "{name}：{given} 太大：最多读取 {most:,} 字节。列表每行是一个对象或模式，因此这可能是另一个文件。使用模式可"
        "以缩短列表。"
    ),
    "{name}: {given} is not in UTF-8. Save it as UTF-8: Windows PowerShell writes UTF-16 with >, and Chinese "
    "editors may write GBK.": (
        "{name}：{given} 不是 UTF-8。请保存为 UTF-8：Windows PowerShell 的 > 会写成 UTF-16，中文编辑器可能写成 GBK"
        "。"
    ),
    "{name}: {given} cannot be read. Check that its permissions allow it, and that no link in its path leads back "
    "to itself.": ("{name}：无法读取 {given}。请检查它的权限，以及路径中没有指回自身的链接。"),
    "{name}: {given} cannot be written, because GITHUB_WORKSPACE is not set. The runner sets it: leave it as it "
    "is, and pass it on where a script or a container starts the action.": (
        "{name}：无法写入 {given}，因为没有设置 GITHUB_WORKSPACE。它由运行器设置：请保持原样；如果由脚本或容器启动"
        "此 Action，请将它传入。"
    ),
    "{name}: {given} lies outside the working directory. Write the path as seen from the repository's top folder, "
    "such as preview.md: without / in front, without .. and without github.workspace, which names another folder "
    "than the action's container has.": (
        "{name}：{given} 在工作目录之外。请填写从仓库顶层目录开始的路径，例如 preview.md：开头不要有 /，不要有 ..，"
        "也不要用 github.workspace，它指的不是此 Action 容器中的目录。"
    ),
    "{name}: {given} is a link that leads out of the working directory, or lies behind one. Give another path.": (
        "{name}：{given} 是指向工作目录之外的链接，或位于这样的链接之后。请填写另一个路径。"
    ),
    "{name}: {given} is a folder. Give the path of a file, such as preview.md.": (
        "{name}：{given} 是目录。请填写文件的路径，例如 preview.md。"
    ),
    "{name}: {given} is a pipe, a socket or a device. Give the path of an ordinary file.": (
        "{name}：{given} 是管道、套接字或设备。请填写普通文件的路径。"
    ),
    "{name}: {given} cannot be written, because its folder is not there. Make the folder in a step before this "
    "one, or give a path without a folder, such as preview.md.": (
        "{name}：无法写入 {given}，因为它所在的目录不存在。请在此步骤之前创建目录，或填写不带目录的路径，例如 "
        "preview.md。"
    ),
    "{name}: {given} cannot be written. Check the name, and the permissions of the file and of its folder.": (
        "{name}：无法写入 {given}。请检查名称，以及文件和目录的权限。"
    ),
    "{name}: the JSON array has null at place {where}. The output run-ids has null for an object without a run. "
    "Leave these out: jq -c 'map(select(.))'. Where object-ids is given, leave their objects out too.": (
        "{name}：JSON 数组的第 {where} 项是 null。输出 run-ids 中，没有发布流程的对象为 null。请去掉它们：jq -c "
        "'map(select(.))'。如果填写了 object-ids，也要去掉对应的对象。"
    ),
    "{name}: the JSON array has null at place {where}. The output results has null where run-ids was given alone. "
    "Leave these out: jq -c 'map(select(.))'.": (
        "{name}：JSON 数组的第 {where} 项是 null。只填写 run-ids 时，输出 results 中的对象为 null。请去掉它们：jq "
        "-c 'map(select(.))'。"
    ),
    ": {sign!a} is {name}": "：{sign!a} 是 {name}",
    "The same is wrong in line {lines}.": "第 {lines} 行有同样的错误。",
    ": a comment needs a blank before its #": "：注释的 # 前面需要一个空格",
    "{name}: {given} is not one of {choices}.": "{name}：只能是 {choices}（现为 {given}）。",
    "{name}: {given} cannot stand beside other values.": "{name}：{given} 不能与其他值同时填写。",
    "{name}: {given} has a Chinese comma. Separate values by a comma of the English keyboard, or by a blank.": (
        "{name}：{given} 含有中文逗号或顿号。请用英文逗号或空格分隔各个值。"
    ),
    "{name}: {given} is not a number of {unit} from {least:g} to {most:g}, or auto.": (
        "{name}：{given} 既不是 {least:g} 到 {most:g} 之间的{unit}数，也不是 auto。"
    ),
    "{name}: {given} is not a number of {unit} from {least:g} to {most:g}.": (
        "{name}：{given} 不是 {least:g} 到 {most:g} 之间的{unit}数。"
    ),
    "{name}: {given} is not a whole number from {least} to {most}, or auto.": (
        "{name}：{given} 既不是 {least} 到 {most} 之间的整数，也不是 auto。"
    ),
    "{name}: {given} is not a whole number from {least} to {most}.": (
        "{name}：{given} 不是 {least} 到 {most} 之间的整数。"
    ),
    "{name}: {given} is not a stage code, such as PROD_CHECK.": (
        "{name}：{given} 不是阶段代码。正确的写法例如 PROD_CHECK。"
    ),
    "{name}: {given} is not in UTF-8, which is all that the service takes. Write it in UTF-8, or leave it out.": (
        "{name}：{given} 不是 UTF-8，而服务只接受 UTF-8。请用 UTF-8 填写，或去掉它。"
    ),
    "region: {given} is not a region ID, such as cn-shanghai.": (
        "region：{given} 不是地域 ID。正确的写法例如 cn-shanghai。"
    ),
    "project-id: {given} is not a workspace ID. YAML has turned the number into a float. Quote it, such as "
    'project-id: "12345".': (
        'project-id：{given} 不是工作空间 ID。YAML 已将数字变成浮点数。请加引号，例如 project-id: "12345"。'
    ),
    "project-id: {given} is not a workspace ID. It is a number, such as 12345, not the workspace's name.": (
        "project-id：{given} 不是工作空间 ID。它是一个数字，例如 12345，不是工作空间名称。"
    ),
    "sts-endpoint: {given} is not a host of the Security Token Service, such as sts.cn-shanghai.aliyuncs.com or, "
    "inside a VPC, sts-vpc.cn-shanghai.aliyuncs.com. For an emulator, set DATAWORKS_ALLOW_UNSAFE_ENDPOINT=true in "
    "the step's env.": (
        "sts-endpoint：{given} 不是安全令牌服务（STS）的主机。正确的写法例如 sts.cn-shanghai.aliyuncs.com，或 "
        "VPC 内的 sts-vpc.cn-shanghai.aliyuncs.com。如果使用模拟器，请在步骤的 env 中设置 "
        "DATAWORKS_ALLOW_UNSAFE_ENDPOINT=true。"
    ),
    "endpoint: {given} is not a host. It may have http:// in front and a port behind. Leave out everything else, "
    "such as a path or a login.": (
        "endpoint：{given} 不是主机。前面可以有 http://，后面可以有端口。请去掉其他内容，例如路径或登录信息。"
    ),
    "endpoint: {given} is not a host name of the DataWorks service, such as dataworks.cn-shanghai.aliyuncs.com. "
    "For an emulator, set DATAWORKS_ALLOW_UNSAFE_ENDPOINT=true in the step's env.": (
        "endpoint：{given} 不是 DataWorks 服务的主机名。正确的写法例如 dataworks.cn-shanghai.aliyuncs.com。如果"
        "使用模拟器，请在步骤的 env 中设置 DATAWORKS_ALLOW_UNSAFE_ENDPOINT=true。"
    ),
    "{name}: place {place} of the JSON array is {given}, and not a string or an integer.": (
        "{name}：JSON 数组的第 {place} 项是 {given}，不是字符串或整数。"
    ),
    "{name}: {found:,} IDs are more than the {most:,} that one step takes: its outputs could exceed the 1 MB that "
    "GitHub takes of a job. Split them into several jobs.": (
        "{name}：{found:,} 个 ID 超过一个步骤最多的 {most:,} 个：其输出可能超过 GitHub 允许一个作业输出的 1 MB。请"
        "拆分为多个作业。"
    ),
    "run-ids: {runs} different runs for {objects} different objects. Give one run for each object in the same "
    "order, or run-ids alone.": (
        "run-ids：{runs} 个不同的发布流程对应 {objects} 个不同的对象。请按相同顺序为每个对象填写一个发布流程，或只"
        "填写 run-ids。"
    ),
    "{name}: {given} is not an integer. YAML has turned the number into a float, and its last digits are lost. "
    "Quote the ID, or put the IDs in a block ({name}: |).": (
        "{name}：{given} 不是整数。YAML 已将数字变成浮点数，末尾几位已丢失。请给 ID 加引号，或将 ID 写在块中（"
        "{name}: |）。"
    ),
    "{name}: {given} is not an ID. YAML has turned the number into a float, and its last digits are lost. Quote "
    "the ID, or put the IDs in a block ({name}: |).": (
        "{name}：{given} 不是 ID。YAML 已将数字变成浮点数，末尾几位已丢失。请给 ID 加引号，或将 ID 写在块中（"
        "{name}: |）。"
    ),
    "{name}: {given} stands in a comment behind an ID, and would be ignored. YAML joins the lines of a block with "
    ">, and so does a form on GitHub. Use a block with |, or leave the comments out.": (
        "{name}：{given} 在某个 ID 之后的注释中，会被忽略。YAML 会把用 > 的块中的各行连成一行，GitHub 的表单也会。"
        "请使用 | 的块，或去掉注释。"
    ),
    "{name}: {given} is not an ID. Write the IDs one on a line, without a dash in front.": (
        "{name}：{given} 不是 ID。请每行写一个 ID，前面不要加短横线。"
    ),
    "{name}: {given} is not an ID{oddity}. An ID has 1 to 64 characters: A-Z, a-z, 0-9, _ and -. Separate IDs by "
    "new lines, commas or blanks, without brackets.": (
        "{name}：{given} 不是 ID{oddity}。ID 有 1 到 64 个字符：A-Z、a-z、0-9、_ 和 -。请用换行、逗号或空格分隔 ID"
        "，不要加方括号。"
    ),
    "Names, paths and patterns go into the input objects.": "名称、路径和模式请填写到输入 objects。",
    "{name}: holds no object, only comments or blank lines. Give at least one object.": (
        "{name}：没有对象，只有注释或空行。请至少填写一个对象。"
    ),
    "{name}: {found:,} lines are more than the {most:,} that are read. A list has one object or pattern a line, so "
    "this may be another text. Patterns make a list shorter.": (
        "{name}：{found:,} 行超过最多读取的 {most:,} 行。列表每行是一个对象或模式，因此这可能是另一段文本。使用模式"
        "可以缩短列表。"
    ),
    "{source}: line {number}, {given}, {fault}": "{source}：第 {number} 行，{given}，{fault}",
    "names no object. Write a name, a path or a pattern behind it, or leave the line out.": (
        "没有写明对象。请在它后面写名称、路径或模式，或去掉这一行。"
    ),
    "begins with a word and a colon, and that is no kind of object. The kinds are {kinds}. A line without a kind "
    "finds objects of all kinds.": (
        "以一个词和冒号开头，但这不是对象类型。对象类型有 {kinds}。不写类型的行会在所有类型中查找。"
    ),
    "begins with a kind in Chinese. Write {kind}: instead of {word}:.": (
        "以中文的对象类型开头。请把“{word}:”写成“{kind}:”。"
    ),
    "is not an ID. YAML has turned the number into a float and its last digits are lost: quote the ID, or put the "
    "lines in a block (objects: |).": (
        "不是 ID。YAML 已将数字变成浮点数，末尾几位已丢失：请给 ID 加引号，或将各行写在块中（objects: |）。"
    ),
    "is not an ID. A program, such as a spreadsheet, has made a float of the number and its last digits are lost: "
    "write the ID as DataWorks shows it.": (
        "不是 ID。某个程序（例如电子表格）已将数字变成浮点数，末尾几位已丢失：请按 DataWorks 显示的样子填写 ID。"
    ),
    "stands in quotes, and here they would be part of the name. Leave them out.": (
        "带有引号，引号在这里会成为名称的一部分。请去掉引号。"
    ),
    "has a full-width slash (／) or a backslash (\\), and neither separates folders. Write / instead.": (
        "含有全角斜杠（／）或反斜杠（\\），它们不能分隔文件夹。请改写为 /。"
    ),
    "ends with /, as a folder does. For all that is in the folder, write ** behind the /. With type: Offline, "
    "name each object.": (
        "以 / 结尾，表示文件夹。要选择文件夹中的全部对象，请在 / 后面写 **。type: Offline 时请逐个写出对象。"
    ),
    "begins with a dash, as an item of a YAML list does. Here each line is text: leave the dash out.": (
        "以短横线开头，像 YAML 列表的项。这里每行都是文本：请去掉短横线。"
    ),
    "takes objects away, and no line before it takes anything. Lines count from the top: put it behind the lines "
    "that it restricts.": "这一行排除对象，而它之前没有任何行选择对象。各行自上而下生效：请将它放在所限制的行之后。",
    "is a pattern, and with type: Offline each object must be named. Give IDs, names or paths without *.": (
        "是模式，而 type: Offline 时必须逐个指定对象。请填写不带 * 的 ID、名称或路径。"
    ),
    "{name}: is empty while {other} is given. A role is assumed with both of them.": (
        "{name}：为空，而填写了 {other}。扮演角色需要两者都填写。"
    ),
    "{name}: is empty while other parts of the credentials are set. Take the whole set from one place, and check "
    "that the secret exists under that name.": (
        "{name}：为空，而凭据的其他部分已设置。请从同一处取得整套凭据，并检查该名称的机密是否存在。"
    ),
    "credentials: the key's {part} contains a blank, a line end or another character that no key has. Copy it "
    "again into the secret.": (
        "credentials：密钥的 {part} 中有空格、换行或密钥不会有的其他字符。请重新复制到机密中。"
    ),
    "{name}: {given} is given {times} times; it counts once.": (
        "{name}：{given} 填写了 {times} 次，只算一次。"
    ),
    "{name}: {given} ends in 000. JavaScript and jq round IDs so. If DataWorks shows another ID, pass IDs on as "
    "strings.": (
        "{name}：{given} 以 000 结尾。JavaScript 和 jq 会这样舍入 ID。如果 DataWorks 显示的 ID 不同，请以字符串传递"
        " ID。"
    ),
    "{variable} is set, and this action does not use it. Set HTTPS_PROXY to send its calls through a proxy, and "
    "NO_PROXY to exclude hosts.": (
        "设置了 {variable}，但此 Action 不使用它。要通过代理发送调用，请设置 HTTPS_PROXY；要排除主机，请设置 "
        "NO_PROXY。"
    ),
    "timeout-minutes is longer than {minutes} minutes. GitHub ends a job after that time, unless the job's own "
    "timeout-minutes is longer. On GitHub's own runners it always does. For this action that is a cancellation: it "
    "abolishes runs that wait for a person then, unless abolish-on is never.": (
        "timeout-minutes 大于 {minutes} 分钟。GitHub 会在这个时间后结束作业，除非作业自己的 timeout-minutes 更"
        "长；在 GitHub 托管的运行器上则一定会结束。对此 Action 来说这是取消：它会终止等待人工处理的发布流程，除"
        "非 abolish-on 为 never。"
    ),
    "SSL_CERT_FILE: {path} holds no certificate in PEM, so it adds none to those that are trusted.": (
        "SSL_CERT_FILE：{path} 中没有 PEM 格式的证书，因此没有增加任何受信任的证书。"
    ),
    "SSL_CERT_FILE: {path} cannot be read in the action's container ({why}). Of the machine's files the container "
    "has only the working directory, as /github/workspace.": (
        "SSL_CERT_FILE：在此 Action 的容器中无法读取 {path}（{why}）。容器只能看到机器上的工作目录，即 "
        "/github/workspace。"
    ),
    "SSL_CERT_DIR: {path} is not a folder in the action's container. Of the machine's files the container has only "
    "the working directory, as /github/workspace.": (
        "SSL_CERT_DIR：{path} 不是此 Action 容器中的目录。容器只能看到机器上的工作目录，即 /github/workspace。"
    ),
    "{path} cannot be written: {why}.": "无法写入 {path}：{why}。",
    "a character without a name": "没有名称的字符",
    "{path} cannot be written: it would be larger than the runner accepts.": (
        "无法写入 {path}：内容会超过运行器接受的大小。"
    ),
    "run-mode: Auto goes together with auto-run-until-stage, the last stage that the service executes by itself. "
    "Alone it does nothing.": (
        "run-mode：Auto 要与 auto-run-until-stage 一起使用，后者是服务自动执行的最后一个阶段。单独使用没有效果。"
    ),
    # The summary, the preview, how to continue, and words that all share.
    "It is past 22:00 in Asia/Shanghai: what is deployed now is not in tomorrow's instances, which are made from "
    "22:00 on, and takes effect a day later.": (
        "北京时间已过 22:00：次日的实例从 22:00 开始生成，现在发布的内容不会进入次日的实例，会晚一天生效。"
    ),
    "waiting for approval": "等待审批",
    "waiting for a person": "等待人工处理",
    "in conflict with another run": "与另一个发布流程冲突",
    "timed out": "超时",
    "timed_out": "超时",
    "not finished": "未完成",
    "unknown": "未知",
    "failed": "失败",
    "terminated": "被终止",
    "cancelled": "已取消",
    "rejected": "被拒绝",
    "conflict": "冲突",
    "waiting": "等待人工处理",
    "skipped": "未开始",
    "created": "已创建",
    "open": "未结束",
    "planned": "已计划",
    "succeeded": "成功",
    "unchanged": "未变化",
    "invalid": "输入无效",
    "not started": "未开始",
    "to deploy": "待发布",
    "to undeploy": "待下线",
    "blocked": "受阻",
    "deploy": "发布",
    "undeploy": "下线",
    "leave": "跳过",
    "the day's API calls are used up": "当天的 API 调用次数已用完",
    "the edition's API calls are used up": "该版本的 API 调用次数已用完",
    "the service takes no more API calls now": "服务现在不再接受 API 调用",
    "{count:,} {what}": "{what} {count:,}",
    "{some} and {left:,} more": "{some}，以及另外 {left:,} 个",
    "{some} and {last}": "{some}、{last}",
    "(time unknown)": "（时间未知）",
    "account {creator}": "账号 {creator}",
    "an unknown creator": "未知创建者",
    "{run} of {creator} since {created}": "{run}（{creator}，创建于 {created}）",
    "{outcome}: {cause}": "{outcome}：{cause}",
    "{said}, {more}": "{said}，{more}",
    "{some}, {last}": "{some} 或 {last}",
    "{count:,} object": "{count:,} 个对象",
    "{count:,} objects": "{count:,} 个对象",
    "{count:,} more object": "另外 {count:,} 个对象",
    "{count:,} more objects": "另外 {count:,} 个对象",
    "{count:,} more mistake": "另外 {count:,} 个错误",
    "{count:,} more mistakes": "另外 {count:,} 个错误",
    "{count:,} API call": "{count:,} 次 API 调用",
    "{count:,} API calls": "{count:,} 次 API 调用",
    "{count:,} call": "{count:,} 次调用",
    "{count:,} calls": "{count:,} 次调用",
    "{count:,} run": "{count:,} 个发布流程",
    "{count:,} runs": "{count:,} 个发布流程",
    "{count:,} line": "{count:,} 行",
    "{count:,} lines": "{count:,} 行",
    "{count:,} level": "{count:,} 层",
    "{count:,} levels": "{count:,} 层",
    ".": "。",
    " ": "",
    ", ": "、",
    "; ": "；",
    ": ": "：",
    "What needs attention": "需要处理",
    "Invalid input": "输入无效",
    "Lookup failed": "查找失败",
    "Internal error": "内部错误",
    "Takes effect a day later": "晚一天生效",
    "Outputs": "输出",
    "The step's outputs or its state cannot be written, so nothing was started. Check the runner's disk space and "
    "permissions.": ("无法写入步骤的输出或状态，因此没有开始任何操作。请检查运行器的磁盘空间和权限。"),
    "nothing was started": "没有开始任何操作",
    "the step fails; the log says which runs there are": "步骤失败；日志中有各发布流程",
    "left open": "保持未结束",
    "Deploying {what} to workspace {workspace} ({host})": "将 {what}发布到工作空间 {workspace}（{host}）",
    "Undeploying {what} from workspace {workspace} ({host})": "从工作空间 {workspace}（{host}）下线 {what}",
    "Dry run: what deploying {what} to workspace {workspace} ({host}) would do": (
        "试运行：如果将 {what}发布到工作空间 {workspace}（{host}），会怎样"
    ),
    "Dry run: what undeploying {what} from workspace {workspace} ({host}) would do": (
        "试运行：如果从工作空间 {workspace}（{host}）下线 {what}，会怎样"
    ),
    "{good:,} of {objects} {did}": "{objects}中 {good:,} 个{did}",
    "{verdict}: {counts}, {calls}": "{verdict}：{counts}，{calls}",
    "{mistakes}, listed in the log": "{mistakes}，见日志",
    "{places}. Please report this.": "{places}。请报告此问题。",
    "{why} So {consequence}.": "{why}因此{consequence}。",
    "{what}: {why} So the step fails, and what later steps read is older than this page.": (
        "{what}：{why}因此步骤失败，后续步骤读到的内容比本页旧。"
    ),
    "Run {object}: {outcome}": "发布流程 {object}：{outcome}",
    "Object {object}: {outcome}": "对象 {object}：{outcome}",
    "{objects} failed": "{objects}失败",
    " after {seconds:.0f} s": "，用时 {seconds:.0f} 秒",
    ", run {run_id}": "，发布流程 {run_id}",
    "the objects of {lines}": "{lines}所指的对象",
    "They are in the log: {names}": "详见日志：{names}",
    "not sent": "未发送",
    "Each of them:": "各对象：",
    "{left:,} more": "另外 {left:,} 个",
    " at {stage}": "，阶段 {stage}",
    "[Alibaba Cloud on this error]({link})": "[阿里云对此错误的说明]({link})",
    "ended as asked": "已按要求结束",
    "Likely cause: {cause}": "可能的原因：{cause}",
    "Fix: {fix}": "处理方法：{fix}",
    "the {objects}": "这 {objects}",
    "Path": "路径",
    "What happened": "发生了什么",
    "Likely cause": "可能的原因",
    "What to do": "处理方法",
    "The answer was": "响应",
    "See also": "另请参阅",
    "See also: {recommend}": "另请参阅：{recommend}",
    "Where the time went": "时间分布",
    "The step was killed before it could report. This page shows the state at {time}. Runs may have gone "
    "on since, and a request may have been sent: the output `results` is newer.": (
        "步骤在报告之前被强制结束。本页显示 {time} 的状态。此后发布流程可能已继续，也可能已发出请求：输出 "
        "`results` 写入得更晚，请以它为准。"
    ),
    "The dry run was killed before it had looked at everything. This page shows the state at {time}. Nothing "
    "was created.": "试运行在检查完所有对象之前被强制结束。本页显示 {time} 时的状态。没有创建任何发布流程。",
    "Everything was done as asked.": "已按要求全部完成。",
    "Runs were left open, as asked.": "已按要求使发布流程保持未结束状态。",
    "There was nothing to do.": "没有需要做的操作。",
    "Not everything was done as asked.": "没有按要求全部完成。",
    "It is not known whether a run was created. Look for it before you try again.": (
        "不知道是否创建了发布流程。重试之前请先查找。"
    ),
    "The step ended before it saw every run end.": "步骤在看到所有发布流程结束之前就结束了。",
    "The step was cancelled.": "步骤被取消。",
    "The inputs cannot work, so nothing was created.": "输入无效，因此没有创建任何发布流程。",
    "Not everything was looked at in time.": "没有及时查看全部对象。",
    "- … and more, in the log.": "- …… 其余见日志。",
    "cut off": "被中断",
    "{objects}: {counts}.": "{objects}：{counts}。",
    "| object | outcome | run | stage | time | RequestId |": "| 对象 | 结果 | 发布流程 | 阶段 | 用时 | RequestId |",
    "under way": "进行中",
    "Times in UTC, as readings showed them.": "时间为 UTC（北京时间减 8 小时），来自每次读取的结果。",
    "workspace {workspace} in {region}": "工作空间 {workspace}（{region}）",
    "workspace {workspace}": "工作空间 {workspace}",
    "The slowest {shown} of {all:,} objects.": "{all:,} 个对象中最慢的 {shown} 个。",
    "Stages that were over before the first reading are left out.": "不包括第一次读取之前已结束的阶段。",
    "… and {left:,} more: the output `results` has all objects.": (
        "…… 另外还有 {left:,} 个：输出 `results` 中有全部对象。"
    ),
    "More is in the job summary.": "更多内容见作业摘要。",
    "Not all of this could be done.": "无法全部完成。",
    "It shows the drafts in Data Studio as they are now, not the files of this repository.": (
        "这里显示的是数据开发（Data Studio）中现在的草稿，不是本仓库的文件。"
    ),
    "The objects come in the order in which they are listed.": "对象按列出的顺序处理。",
    "it would fail": "会失败",
    "this repository has not deployed it before": "本仓库从未发布过它",
    "edited since this repository deployed it": "自本仓库发布它以来已被编辑",
    "not in production any more": "已不在生产环境中",
    "deployed by somebody else since": "之后由他人发布过",
    "its runs show no descriptions, so nobody can tell whether it has changed": (
        "它的发布流程不显示描述，因此无法知道是否有变化"
    ),
    "nobody can tell whether it has changed": "无法知道是否有变化",
    "Order": "顺序",
    "Worth knowing": "请注意",
    "the plan: {planned}": "计划：{planned}",
    "{why}; not checked: {outcome}": "{why}；未检查：{outcome}",
    "level {level}: ": "第 {level} 层：",
    "{input} names it": "由 {input} 指定",
    "{source}, line {number}: {text}": "{source}，第 {number} 行：{text}",
    "needed by {objects}": "{objects} 依赖它",
    "unchanged since run {run}, created {created}": "自发布流程 {run}（创建于 {created}）以来未变化",
    "{why} (run {run}, created {created})": "{why}（发布流程 {run}，创建于 {created}）",
    "waits for {object}, which is blocked": "等待受阻的 {object}",
    "- Level {level}, {objects}: {names}": "- 第 {level} 层，{objects}：{names}",
    "- **{object}** {misses}. Its checks may fail.": "- **{object}** {misses}，因此其检查可能失败。",
    "- These upstream outputs were not looked for in production, because no object that was read produces them: "
    "{names}": "- 没有检查以下上游输出是否在生产环境中，因为读取到的对象都不产出它们：{names}",
    "| object | action | why | level |": "| 对象 | 操作 | 原因 | 层 |",
    "- **{object}** has open runs: {runs}": "- **{object}** 有未结束的发布流程：{runs}",
    "Or give IDs in object-ids instead of names and patterns.": "也可以在 object-ids 中填写 ID，而不用名称和模式。",
    "Or set upstream: warn.": "也可以设置 upstream: warn。",
    "No single node waits for itself. The cycle exists only because a workflow is deployed and "
    "undeployed as a whole.": ("没有节点在等待自己。之所以有环，只是因为工作流要整体发布和下线。"),
    "Correct the dependencies in Data Studio. With type: Online you can also list these objects in the order "
    "that you want, and set order: given, without upstream: include. With type: Offline DataWorks refuses a "
    "cycle in any order.": (
        "请在数据开发中更正依赖。type: Online 时也可以按所需的顺序列出这些对象，并设置 order: given（不要同时设"
        "置 upstream: include）；type: Offline 时，有环就无法下线，与顺序无关。"
    ),
    "nodes are not looked up by their IDs": "不能按 ID 查找节点",
    "workflows are not looked up by their IDs": "不能按 ID 查找工作流",
    "resources are not looked up by their IDs": "不能按 ID 查找资源",
    "functions are not looked up by their IDs": "不能按 ID 查找函数",
    "nodes cannot be found by name": "不能按名称查找节点",
    "workflows cannot be found by name": "不能按名称查找工作流",
    "resources cannot be found by name": "不能按名称查找资源",
    "functions cannot be found by name": "不能按名称查找函数",
    "{first} comes before {then} through {data}": "{first} 通过 {data} 先于 {then}",
    "{first} comes before {then}, which uses {data}": "{first} 先于使用 {data} 的 {then}",
    "{first} comes before {then}": "{first} 先于 {then}",
    "objects: {without}": "objects：{without}",
    "ID": "ID",
    "no {kind} of this workspace has the {what} {sought}.": "此工作空间中没有{what}为 {sought} 的{kind}。",
    "Upper and lower case differ. Give the name that Data Studio shows, or write /** behind the path of a "
    "folder.": "区分大小写。请填写数据开发（Data Studio）中显示的名称；如果是文件夹，请在其路径后面写 /**。",
    "It is a folder. Write {folder}/** for all that is in it; with type: Offline, name each object.": (
        "这是文件夹。要选择其中的全部对象，请写 {folder}/**；type: Offline 时请逐个写出对象。"
    ),
    "Look at project-id, and at the ID in Data Studio. It may have been deleted.": (
        "请检查 project-id，以及数据开发（Data Studio）中的 ID。它可能已被删除。"
    ),
    "It looks like a name.": "它看起来是名称。",
    "needs the {kind} {object}, which is not selected and not in production": (
        "依赖{kind} {object}，而它既没有被选择，也不在生产环境中"
    ),
    "needs {data} of the {kind} {object}, which is not selected and not in production": (
        "依赖{kind} {object} 的 {data}，而它既没有被选择，也不在生产环境中"
    ),
    "something is not known": "有些信息未知",
    "upstream: what objects miss cannot be found": "upstream：无法查找对象缺少的上游",
    "{source}, line {number}": "{source}，第 {number} 行",
    "nothing fits {text}.": "没有对象符合 {text}。",
    "nothing is called {text}. Write one object on each line: blanks, commas and brackets do not separate "
    "here.": ("没有名为 {text} 的对象。请每行填写一个对象：空格、逗号和方括号在这里不是分隔符。"),
    "object": "对象",
    "path": "路径",
    "name": "名称",
    "node": "节点",
    "workflow": "工作流",
    "resource": "资源",
    "function": "函数",
    "object of another kind": "其他类型的对象",
    "It is a {kind}: {object}.": "它是{kind}：{object}。",
    "Did you mean {names}?": "您要找的是 {names} 吗？",
    " or ": " 或 ",
    "A pattern must fit the whole path: **/name* finds names in every folder.": (
        "模式必须符合整个路径：**/name* 会在所有文件夹中查找名称。"
    ),
    "An ID of 12 digits is mostly a scheduling task's. Give the ID that Data Studio shows.": (
        "12 位的 ID 大多是调度任务的。请填写数据开发（Data Studio）中显示的 ID。"
    ),
    "{object}, by its node {node}": "{object}（通过其节点 {node}）",
    "{operation} shows {objects}: reading all of them takes about {calls} calls": (
        "{operation} 显示 {objects}：全部读取约需 {calls} 次调用"
    ),
    "{operation} claims {total} and shows {shown:,}, each time that it is read. What it does not show cannot be "
    "found.": "{operation} 称有 {total}，但每次读取都只显示 {shown:,} 个。找不到它没有显示的对象。",
    "{operation} is refused ({said}), so {without}. The step goes on. Allow dataworks:{operation} in the RAM "
    "policy, or give IDs and set preflight: false.": (
        "{operation} 被拒绝（{said}），因此{without}。步骤会继续。请在 RAM 权限策略中允许 dataworks:{operation}，或"
        "填写 ID 并设置 preflight: false。"
    ),
    "objects that were not looked up: {count:,}. So all objects come in the order given.": (
        "没有查找的对象：{count:,} 个。因此所有对象按给出的顺序处理。"
    ),
    "{objects} could not be read. Whether these have changed is not known, so they are deployed.": (
        "无法读取 {objects}。不知道它们是否有变化，因此将其发布。"
    ),
    "upstream: include adds {objects}": "upstream: include 增加了 {objects}",
    "{operation} is refused ({said}), so {without}. The step goes on. Allow dataworks:{operation} in the RAM policy.": (
        "{operation} 被拒绝（{said}），因此{without}。步骤会继续。请在 RAM 权限策略中允许 dataworks:{operation}。"
    ),
    "the runs of {objects} could not be read. Whether these have changed is not known, so they are deployed.": (
        "无法读取 {objects}的发布流程。不知道它们是否有变化，因此会发布它们。"
    ),
    "{object} {misses}. Its checks may fail.": "{object} {misses}，因此其检查可能失败。",
    "found nothing for {lines}, which allow-empty permits": "{lines} 没有找到对象，allow-empty 允许这样",
    "an earlier attempt of this job left run {run} of {object} open. This attempt does not select that object, and "
    "leaves the run alone. Continue it with run-ids, or abolish it in DataWorks.": (
        "此作业之前的某次尝试留下了 {object} 未结束的发布流程 {run}。这次尝试没有选择该对象，因此没有处理它。请用 "
        "run-ids 继续，或在 DataWorks 中终止它。"
    ),
    "{at}: there is no object {object_id} in this workspace. {not_here}": (
        "{at}：此工作空间中没有对象 {object_id}。{not_here}"
    ),
    "{at}: {text} fits {objects}. Give the path, the ID, or a kind in front, such as workflow:, so that only one "
    "of these fits: {all}.": (
        "{at}：{text} 符合 {objects}。请填写路径、ID，或在前面加类型（例如 workflow:），使其只符合其中一个：{all}。"
    ),
    "{at}: {node} is a node inside the workflow {workflow}, which is deployed and undeployed only as a "
    "whole. Give the workflow instead; with type: Offline, all its nodes leave production.": (
        "{at}：{node} 是工作流 {workflow} 内部的节点，工作流只能整体发布和下线。请改为填写该工作流；type: "
        "Offline 时，它的全部节点都会下线。"
    ),
    "{at}: object {object_id} could not be read, so nobody can tell whether the line {text} takes it away. Remove "
    "one of the two lines, or re-run the job.": (
        "{at}：无法读取对象 {object_id}，因此不知道 {text} 这一行是否排除它。请删除两行中的一行，或重新运行作业"
        "。"
    ),
    "objects: the lines select {objects}, and max-objects is {most}. Narrow the patterns, or raise max-objects. "
    "The first are {all}.": (
        "objects：各行选择了 {objects}，而 max-objects 为 {most}。请缩小模式范围，或增大 max-objects。前几个是 "
        "{all}。"
    ),
    "objects: {objects} are selected, and one step takes {most:,} at most. Split them over several steps.": (
        "objects：选择了 {objects}，而一个步骤最多 {most:,} 个。请拆分到多个步骤。"
    ),
    "objects: nothing is selected, because later lines take away what earlier ones took. Correct the lines, or set "
    "allow-empty: true.": (
        "objects：没有选择任何对象，因为后面的行排除了前面的行所选的对象。请更正各行，或设置 allow-empty: true"
        "。"
    ),
    "objects: nothing can be looked up: {said}. {what} {fix}": (
        "objects：无法查找任何对象：{said}。{what}{fix}"
    ),
    "{wanted_for}, because {operation} fails: {said}. {fix} {other_way}": (
        "{wanted_for}，因为 {operation} 失败：{said}。{fix}{other_way}"
    ),
    "{wanted_for}, because the whole list takes about {calls} of {operation}, and this account serves few calls. "
    "{other_way}": (
        "{wanted_for}，因为用 {operation} 读取整个列表约需 {calls}，而此账号的调用次数很少。{other_way}"
    ),
    "order: {objects} wait for each other.": "order：{objects}互相等待。",
    "upstream: {object} {misses}. Select it too, and with order: given put it before this object. Or deploy it "
    "first, or set upstream: include.": (
        "upstream：{object} {misses}。请同时选择它；使用 order: given 时，请把它放在该对象前面。也可以先发布它"
        "，或设置 upstream: include。"
    ),
    "there is nothing to do: {objects} unchanged": "没有需要做的操作：{objects}未变化",
    "there is nothing to do": "没有需要做的操作",
    "{objects} in {levels}": "{objects}，共 {levels}",
    "{count:,} of them unchanged": "其中 {count:,} 个未变化",
    "at most {at_once} at once": "最多同时 {at_once} 个",
    "Allow dataworks:{operation} in the RAM policy if the permission is missing.": (
        "如果缺少权限，请在 RAM 权限策略中允许 dataworks:{operation}。"
    ),
    "what happened to the runs that the step left": "步骤留下的发布流程的结果",
    "no run was found and abolished in time. Look for one in DataWorks.": (
        "没有及时找到并终止发布流程。请在 DataWorks 中查找。"
    ),
    "A dry run deploys nothing, and a re-run of it deploys nothing either. To deploy, leave out `dry-run`.": (
        "试运行不发布任何内容，重新运行它也不发布。要发布，请去掉 `dry-run`。"
    ),
    "At the end of the job a post step tries once more to abolish runs that this step could not abolish. Read "
    "its part of this page before you continue them.": (
        "作业结束时，后置步骤会再次尝试终止此步骤未能终止的发布流程。继续它们之前，请先查看本页中后置步骤的部分"
        "。"
    ),
    "{start} fails again: it keeps the old permissions of the job. Add id-token: write, and start a new "
    "workflow run.": (
        "{start}会再次失败：它沿用作业原来的权限。请添加 id-token: write，并启动新的工作流程运行。"
    ),
    "{start} creates a new run for each object, even where a run is open or has succeeded. Outside of "
    "a workflow no run is found again.": (
        "{start}会为每个对象创建新的发布流程，即使已有未结束的或已成功的发布流程。不在 GitHub 工作流程中运行时"
        "，无法找回之前的发布流程。"
    ),
    "{start} fails again: not every run has the stage of `until-stage`. Change it first.": (
        "{start}会再次失败：不是每个发布流程都有 `until-stage` 的阶段。请先修改它。"
    ),
    "{start} reads the runs of `run-ids` again and continues those that are open. It creates none.": (
        "{start}会再次读取 `run-ids` 的发布流程，并继续未结束的发布流程。它不会创建发布流程。"
    ),
    "It keeps the old inputs: to correct one of them, start a new workflow run instead.": (
        "它会保留原来的输入；要更正其中某个输入，请改为启动新的工作流程运行。"
    ),
    "{start} fails again where a newer run has overtaken an open one.": (
        "{start}会再次失败，因为有更新的发布流程超过了未结束的发布流程。"
    ),
    "Once the open run has ended, a re-run creates a new one.": (
        "未结束的发布流程结束之后，重新运行会创建新的发布流程。"
    ),
    "Failed objects are comments in this list. Fix the cause, then remove the `#` in front of the object.": (
        "失败的对象在此列表中是注释。请修复原因，然后去掉对象前面的 `#`。"
    ),
    "Look for the run of each object that is unknown or in conflict. If it is this job's, continue it "
    "first, with `run-ids`. If it is somebody else's, let it end. If no run is open, remove the `#` in "
    "front of the object.": (
        "请查找每个未知或冲突对象的发布流程。如果它属于此作业，请先用 `run-ids` 继续它。如果属于他人，请等它结"
        "束。没有未结束的发布流程时，请去掉对象前的 `#`。"
    ),
    "A run that is marked as not read may be somebody else's: the ID in an answer does not prove whose it is. If "
    "its description begins with the mark in `message`, remove the `#` in front of the run and of its object.": (
        "标为未读取的发布流程可能属于他人：响应中的 ID 不能证明它属于谁。如果它的描述以 `message` 中的标记开头，请"
        "去掉该发布流程及其对象前面的 `#`。"
    ),
    "At the end of the job a post step abolishes {runs} of this job, unless a run has begun to change "
    "production by then. Its part of this page says what it did. Use `run-ids` to continue what it left alone.": (
        "作业结束时，后置步骤会终止此作业的 {runs}，除非它们届时已开始改变生产环境。本页中后置步骤的部分会说明"
        "结果。没有被终止的，请用 `run-ids` 继续。"
    ),
    "How to continue": "如何继续",
    "That is safe: it finds this job's runs by their mark.": "这是安全的：它会通过标记找到此作业的发布流程。",
    "First look for the runs that this page names above. Otherwise a second run may be created.": (
        "请先查找本页上文中的发布流程，否则可能创建第二个发布流程。"
    ),
    "**Re-run failed jobs** of this workflow run": "此工作流程运行的 **Re-run failed jobs**（重新运行失败的作业）",
    "**A new start** with the same inputs": "以相同输入**重新启动**",
    "To continue these runs, set the inputs below. Without `run-ids`, each of these objects would get a second "
    "run:": "要继续这些发布流程，请填写以下输入。不填 `run-ids` 时，会为其中每个对象再创建一个发布流程：",
    "**In a new workflow run**, for example to change an input, set the inputs below. Without `run-ids`, each "
    "of these objects would get a second run:": (
        "**在新的工作流程运行中**（例如要修改输入时），请填写以下输入。不填 `run-ids` 时，会为其中每个对象再创"
        "建一个发布流程："
    ),
    "After that, give the other objects on their own, without `run-ids`.": (
        "之后请单独填写其他对象，不填 `run-ids`。"
    ),
    "Some runs are somebody else's. This step only watched them, and `advance: false` keeps it that way.": (
        "有些发布流程属于他人，此步骤只跟踪它们。`advance: false` 会保持这样。"
    ),
    "They may have started since then: look first.": "它们之后可能已开始：请先查看。",
    "Objects that need one of these are comments too. Give them together with that object, or after it.": (
        "依赖这些对象的对象也是注释。请与它们一起填写，或在它们之后填写。"
    ),
    "needs an object that is not done": "依赖一个未完成的对象",
    "An earlier attempt may have left runs of these objects. A re-run finds them.": (
        "之前某次尝试可能留下了这些对象的发布流程。重新运行会找到它们。"
    ),
    "Or use the GitHub CLI. The workflow file needs `workflow_dispatch` with {inputs}, and must pass them to the "
    "action:": (
        "或使用 GitHub CLI。工作流程文件的 `workflow_dispatch` 需要有{inputs}，并把它们传给此 Action："
    ),
    "{object}: run {run} was abolished{shown}. It cannot be continued. Re-run the job to try again.": (
        "{object}：已终止发布流程 {run}{shown}。它不能再继续。要重试，请重新运行作业。"
    ),
    "{object}: run {run} has begun to change production, so it was not stopped. It goes on, unless a "
    "stage of it waits. Continue it with run-ids.": (
        "{object}：发布流程 {run} 已开始改变生产环境，因此没有终止它。它会继续，除非有阶段在等待。请用 run-ids "
        "继续。"
    ),
    "{object}: run {run} does not bear this job's mark, and was left alone. Look in DataWorks for a run with "
    "{mark} at the start of its description.": (
        "{object}：发布流程 {run} 没有此作业的标记，没有处理它。请在 DataWorks 中查找描述以 {mark} 开头的发布流"
        "程。"
    ),
    "{object}: run {run} had ended by then, as {status}.": (
        "{object}：后置步骤读取时，发布流程 {run} 已以 {status} 结束。"
    ),
    "looking after {objects} that the main step left unfinished": "处理主步骤未完成的 {objects}",
    "run {run} may be open. The post step cannot read its inputs, so it did nothing. Look at the run in "
    "DataWorks.": (
        "发布流程 {run} 可能未结束。后置步骤无法读取输入，因此没有进行任何操作。请在 DataWorks 中查看该发布流程。"
    ),
    "the request to create a run had no answer. The post step cannot read its inputs, so it did nothing. Look in "
    "DataWorks for a run of this object.": (
        "创建发布流程的请求没有收到响应。后置步骤无法读取输入，因此没有进行任何操作。请在 DataWorks 中查找此对象的"
        "发布流程。"
    ),
    "run {run} could not be abolished in time. Look at it in DataWorks.": (
        "没有及时终止发布流程 {run}。请在 DataWorks 中查看。"
    ),
    "found: run {run} bears this job's mark": "找到：发布流程 {run} 带有此作业的标记",
    "there is no active run whose description begins with {mark}": "没有描述以 {mark} 开头且正在进行的发布流程",
    "nobody could look for an active run whose description begins with {mark}": (
        "无法查找描述以 {mark} 开头且正在进行的发布流程"
    ),
    "Runs still open: {count:,}.": "仍未结束的发布流程：{count:,} 个。",
    "Runs that may still be open: {count:,}.": "可能仍未结束的发布流程：{count:,} 个。",
    "Objects still to do: {count:,}.": "仍需处理的对象：{count:,} 个。",
    "Objects that may still be to do: {count:,}.": "可能仍需处理的对象：{count:,} 个。",
    "Objects not done: {count:,}.": "未完成的对象：{count:,} 个。",
    "{start} {deeds}.": "{start}会{deeds}。",
    "repeats what is done (`on-rerun`)": "再次处理已完成的对象（`on-rerun`）",
    "skips what is done": "跳过已完成的对象",
    "continues the open runs of this job": "继续此作业未结束的发布流程",
    "keeps the runs open that these inputs leave open": "让按这些输入应保持未结束状态的发布流程继续保持原样",
    "starts the rest": "开始其余对象",
    "retries what failed": "重试失败的对象",
    "looks again for the runs of unknown objects": "再次查找“未知”对象的发布流程",
    "repeats what somebody else's run has done": "再次处理他人的发布流程已完成的对象",
    "  # the other inputs as they are, without objects and objects-file": (
        "  # 其他输入保持不变，但去掉 objects 和 objects-file"
    ),
    "  # the other inputs as they are, but leave out run-ids": "  # 其他输入保持不变，但去掉 run-ids",
    "  # the other inputs as they are, without objects and objects-file. Leave out until-stage, or name a "
    "later stage of the run": (
        "  # 其他输入保持不变，但去掉 objects 和 objects-file；去掉 until-stage，或填写发布流程中更靠后的阶段"
    ),
    "what has not started": "未开始的对象",
    "what is not done": "未完成的对象",
    "Give {rest}.": "请填写{rest}。",
    "**In a new workflow run**, set the inputs below. They list {rest}.": (
        "请**在新的工作流程运行中**填写以下输入，其中列出{rest}。"
    ),
    "look for its run first": "请先查找它的发布流程",
    "fix the cause first": "请先修复原因",
    "the input {names}": "输入 {names}",
    "the inputs {names}": "输入 {names}",
    "not read: look for its mark first": "未读取：请先查找它的标记",
    "  # {inputs}: take them from the output `results`": "  # {inputs}：请从输出 `results` 中取得",
    "{object}: run {run} could not be abolished. Look at it in DataWorks.": (
        "{object}：无法终止发布流程 {run}。请在 DataWorks 中查看。"
    ),
    "{object}: the post step found no run of this job to abolish. One may still appear. Before you "
    "try again, look in DataWorks for a run with {mark} at the start of its description.": (
        "{object}：后置步骤没有找到此作业可终止的发布流程，但之后仍可能出现。重试之前，请在 DataWorks 中查找描"
        "述以 {mark} 开头的发布流程。"
    ),
    "nothing": "空",
    "none": "无",
    "unclear": "不明确",
    "seconds": "秒",
    "minutes": "分钟",
    "State": "状态",
    "Job summary": "作业摘要",
    "{seconds:.1f} s": "{seconds:.1f} 秒",
    "{seconds} s": "{seconds} 秒",
    "{minutes} min {seconds:02d} s": "{minutes} 分 {seconds:02d} 秒",
    "{hours} h {minutes:02d} min": "{hours} 小时 {minutes:02d} 分",
    "unnamed": "未命名",
    "If it does not: {fix}": "如果不存在：{fix}",
    "Production already has this version. Nothing has changed since this repository deployed it.": (
        "生产环境与数据开发中的内容一致。自本仓库发布以来没有变化。"
    ),
    "Stage {stage} waits for {what}.": "阶段 {stage} 在等待{what}。",
    " ({said})": "（{said}）",
    # Of an undeployment, a time limit, and runs without descriptions.
    "Start a new workflow run with a longer timeout-minutes. It begins with a new run.": (
        "请增大 timeout-minutes 并启动新的工作流程运行。它会创建新的发布流程。"
    ),
    "**A re-run** cannot recognise this job's runs here, because runs show no descriptions. Continue runs "
    "with `run-ids`, or start a new workflow run.": (
        "**重新运行**在这里无法识别此作业的发布流程，因为发布流程不显示描述。请用 `run-ids` 继续发布流程，或启"
        "动新的工作流程运行。"
    ),
    "The objects are out of production, and DataWorks does not schedule them any more. Their drafts in "
    "Data Studio are as they were. To put them back, deploy them again (type: Online).": (
        "这些对象已下线，DataWorks 不再调度它们。数据开发中的草稿没有改变。要恢复，请重新发布它们（type: Online"
        "）。"
    ),
    "An undeployment takes out what is in production, whatever the drafts are. A dry run does not check whether "
    "other objects depend on it: the first stage of each run does.": (
        "下线的是生产环境中的内容，与草稿无关。试运行不检查是否有其他对象依赖它，每个发布流程的第一个阶段才会检"
        "查。"
    ),
    "Production may have changed: look in Operation Center.": "生产环境可能已改变，请在运维中心确认。",
    "Production has not changed.": "生产环境没有变化。",
    "{why}; it seems not to be in production": "{why}；看起来不在生产环境中",
}
