use agent::{hooks, load::node::Node};

fn main() -> anyhow::Result<()> {
    let node = Node::read(None)?;
    print!("{}", hooks::table(&hooks::probe(&node)?));
    Ok(())
}
